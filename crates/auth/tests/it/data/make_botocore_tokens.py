"""Writes botocore_tokens.json: tokens made by botocore at fixed moments with made-up keys.

    python3 -m venv venv && venv/bin/pip install botocore && venv/bin/python make_botocore_tokens.py > botocore_tokens.json
"""

import datetime
import json
from unittest import mock

import botocore
import botocore.auth
import botocore.session

ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJIMEYCIQD+a/b=c&d?e%f~g_h.i-j:k l" + "A1+/" * 200
CLUSTER = "abcdefghijklmnopqrstuvwxyz"


def clock(moment):
    class At(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return cls(*moment)

        @classmethod
        def now(cls, tz=None):
            return cls(*moment, tzinfo=tz)

    return At


def token(host, region, action, expires, moment, session_token):
    session = botocore.session.Session()
    session.set_credentials(ID, SECRET, session_token)
    client = session.create_client("dsql", region_name=region)
    make = {
        "DbConnect": client.generate_db_connect_auth_token,
        "DbConnectAdmin": client.generate_db_connect_admin_auth_token,
    }[action]
    with mock.patch("botocore.auth.datetime", mock.Mock(datetime=clock(moment))), mock.patch(
        "botocore.auth.get_current_datetime", lambda *a, **k: clock(moment).utcnow(), create=True
    ):
        text = make(host, region) if expires is None else make(host, region, expires)
    at = datetime.datetime(*moment, tzinfo=datetime.timezone.utc)
    return {
        "host": host,
        "region": region,
        "action": action,
        "expires_in_seconds": 900 if expires is None else expires,
        "at": int(at.timestamp()),
        "session_token": session_token,
        "token": text,
    }


def main():
    cases = []
    for region in ("us-east-1", "eu-central-1", "local"):
        host = f"{CLUSTER}.dsql.{region}.on.aws"
        for action in ("DbConnect", "DbConnectAdmin"):
            for session_token in (None, SESSION):
                cases.append(token(host, region, action, None, (2026, 11, 22, 22, 32, 37), session_token))
    host = f"{CLUSTER}.dsql.us-east-1.on.aws"
    cases.append(token(host, "us-east-1", "DbConnectAdmin", 604800, (2028, 2, 29, 0, 0, 0), None))
    cases.append(token(host, "us-east-1", "DbConnectAdmin", 604801, (2028, 2, 29, 0, 0, 0), None))
    cases.append(token(host, "us-east-1", "DbConnect", 1, (2026, 12, 31, 23, 59, 59), None))
    cases.append(token(f"{host}:5432", "us-east-1", "DbConnect", None, (2026, 11, 22, 22, 32, 37), None))
    document = {
        "made_by": f"botocore {botocore.__version__}",
        "access_key_id": ID,
        "secret_access_key": SECRET,
        "tokens": cases,
    }
    print(json.dumps(document, indent=1))


main()
