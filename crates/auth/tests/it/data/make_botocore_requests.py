"""Writes botocore_requests.json: the control plane's requests as botocore signs them at a fixed moment with a made-up key.

    python3 -m venv venv && venv/bin/pip install botocore && venv/bin/python make_botocore_requests.py > botocore_requests.json
"""

import datetime
import json
import urllib.parse
from unittest import mock

import botocore
import botocore.awsrequest
import botocore.session

ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJIMEYCIQD+a/b=c&d?e%f~g_h.i-j:kl"
MOMENT = datetime.datetime(2026, 11, 22, 22, 32, 37)
CLUSTER = "abcdefghijklmnopqrstuvwxyz"
ARN = f"arn:aws:dsql:us-east-1:000000000000:cluster/{CLUSTER}"

OPERATIONS = [
    ("create_cluster", {"deletionProtectionEnabled": False, "tags": {"Name": "a b/ü"}, "clientToken": "t"}),
    ("get_cluster", {"identifier": CLUSTER}),
    ("list_clusters", {"maxResults": 2, "nextToken": "a+b/c=="}),
    ("delete_cluster", {"identifier": CLUSTER, "clientToken": "x!y~z"}),
    ("tag_resource", {"resourceArn": ARN, "tags": {"k": "v"}}),
    ("untag_resource", {"resourceArn": ARN, "tagKeys": ["b", "a", "c d", "a"]}),
    ("list_tags_for_resource", {"resourceArn": ARN}),
]


class At(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return MOMENT

    @classmethod
    def now(cls, tz=None):
        return MOMENT.replace(tzinfo=tz)


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def taken_apart(method, url, headers, body):
    parts = urllib.parse.urlsplit(url)
    # What differs from run to run is not signed.
    kept = lambda name: name != "User-Agent" and not name.startswith("amz-sdk-")
    headers = [[name, text(value)] for name, value in headers.items() if kept(name)]
    if not any(name.lower() == "host" for name, _ in headers):
        headers.append(["Host", parts.netloc])
    return {"method": method, "path": parts.path or "/", "query": parts.query, "headers": headers, "body": text(body or "")}


def client(session_token, region):
    session = botocore.session.Session()
    session.set_credentials(ID, SECRET, session_token)
    return session.create_client("dsql", region_name=region, endpoint_url="http://127.0.0.1:3775")


def signed(session_token, region, operation, arguments):
    caught = []

    def send(request, **_):
        caught.append(taken_apart(request.method, request.url, request.headers, request.body))
        return botocore.awsrequest.AWSResponse(request.url, 403, {}, mock.Mock(stream=lambda *_: [b"{}"], data=b"{}"))

    made = client(session_token, region)
    made.meta.events.register("before-send.dsql", send)
    try:
        getattr(made, operation)(**arguments)
    except botocore.exceptions.ClientError:
        pass
    return {"name": operation, "region": region, "session_token": session_token, "request": caught[0]}


def presigned(session_token):
    url = client(session_token, "us-east-1").generate_presigned_url("list_clusters", {"maxResults": 5}, ExpiresIn=60)
    return {"name": "presigned", "region": "us-east-1", "session_token": session_token, "request": taken_apart("GET", url, {}, "")}


def main():
    cases = []
    with mock.patch("botocore.auth.datetime", mock.Mock(datetime=At)), mock.patch(
        "botocore.auth.get_current_datetime", lambda *a, **k: MOMENT, create=True
    ):
        for session_token in (None, SESSION):
            for operation, arguments in OPERATIONS:
                cases.append(signed(session_token, "us-east-1", operation, arguments))
            cases.append(presigned(session_token))
        cases.append(signed(None, "eu-west-1", *OPERATIONS[0]))
    print(json.dumps({"made_by": f"botocore {botocore.__version__}", "at": 1795386757, "requests": cases}, indent=1))


main()
