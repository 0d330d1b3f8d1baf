"""The cluster API with AWS's own tools: boto3 with its waiters and paginators, and the AWS CLI.

`control.py BINARY` starts `BINARY serve` on an empty folder, or, when BINARY is the example `control_plane` of crates/control, that. Every answer of
every call is held against botocore's model of the service: status, members, their types, patterns and enums.
"""

import datetime
import gzip
import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import boto3
import botocore
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError, SSLError

BINARY = sys.argv[1]
ALONE = pathlib.Path(BINARY).name == "control_plane"
MODEL = json.load(gzip.open(max((pathlib.Path(botocore.__file__).parent / "data/dsql").glob("*/service-2.json.gz"))))
REGION = "us-east-1"
steps = 0
checked = 0


def step(name):
    global steps
    steps += 1
    print(f"{steps:2}. {name}", flush=True)


# The model


def check_shape(name, value, path):
    """A JSON value must be what the model says of a shape."""
    shape = MODEL["shapes"][name]
    kind = shape["type"]
    python = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "timestamp": (int, float), "integer": int}[kind]
    assert isinstance(value, python) and not (kind == "timestamp" and isinstance(value, bool)), f"{path}: {value!r} is no {kind}"
    if kind == "structure":
        members = {k: v for k, v in shape["members"].items() if "location" not in v}
        missing = [member for member in shape.get("required", []) if member in members and member not in value]
        assert not missing, f"{path}: lacks {missing}"
        unknown = [member for member in value if member not in members]
        assert not unknown, f"{path}: has {unknown}, which the model does not know"
        for member, inner in value.items():
            check_shape(members[member]["shape"], inner, f"{path}.{member}")
    elif kind == "list":
        assert shape.get("min", 0) <= len(value) <= shape.get("max", len(value)), path
        for index, inner in enumerate(value):
            check_shape(shape["member"]["shape"], inner, f"{path}[{index}]")
    elif kind == "map":
        for key, inner in value.items():
            check_shape(shape["key"]["shape"], key, path)
            check_shape(shape["value"]["shape"], inner, f"{path}.{key}")
    elif kind == "string":
        assert value in shape.get("enum", [value]), f"{path}: {value!r} is not one of {shape['enum']}"
        assert re.fullmatch(shape.get("pattern", ".*"), value, re.DOTALL), f"{path}: {value!r} does not match {shape['pattern']}"
        assert shape.get("min", 0) <= len(value) <= shape.get("max", len(value)), path


def check_answer(http_response, parsed, model, **_):
    """Called by botocore after each call, with the answer as it came."""
    global checked
    checked += 1
    headers = http_response.headers
    assert headers["content-type"] == "application/json", headers
    assert re.fullmatch(r"[a-z2-7]{26}", headers["x-amzn-requestid"]), headers
    body = json.loads(http_response.content)
    operation = MODEL["operations"][model.name]
    if http_response.status_code == 200:
        output = operation.get("output")
        check_shape(output["shape"], body, model.name) if output else None
        return
    name = headers["x-amzn-errortype"]
    if name in {error["shape"] for error in operation["errors"]}:
        shape = MODEL["shapes"][name]
        assert http_response.status_code == shape["error"]["httpStatusCode"], (name, http_response.status_code)
        check_shape(name, body, name)
    else:
        # What comes before any operation: the signature.
        assert http_response.status_code == 403 and name.endswith("Exception") and isinstance(body["message"], str), (name, body)


# The server


class Server:
    def __init__(self, folder):
        self.folder = folder

    def start(self):
        command = [BINARY, self.folder] if ALONE else [BINARY, "serve", "--data", self.folder, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        ready = re.search(r"\bcontrol=(https?://\S+)", line)
        assert ready, f"no control endpoint in {line!r}"
        self.url = ready[1]
        postgres = re.search(r"\bpostgres=127\.0\.0\.1:(\d+)", line)
        self.port = int(postgres[1]) if postgres else None
        self.ca = None if self.url.startswith("http://") else str(next(pathlib.Path(self.folder, "tls").glob("ca*.pem")))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def environment(self):
        names = {
            "AWS_SHARED_CREDENTIALS_FILE": f"{self.folder}/credentials",
            "AWS_PROFILE": "borealis",
            "AWS_ENDPOINT_URL_DSQL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if self.ca:
            names["AWS_CA_BUNDLE"] = self.ca
        return {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | names

    def client(self, region=REGION, key=None):
        """A boto3 client as a program would have it, but that it does not repeat what failed."""
        environment = self.environment()
        os.environ.update({name: environment[name] for name in environment if name.startswith("AWS_")})
        secrets = dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), key)) if key else {}
        client = boto3.Session(**secrets).client("dsql", region_name=region, config=Config(retries={"max_attempts": 0}))
        client.meta.events.register("after-call.dsql", check_answer)
        return client

    def aws(self, *arguments, check=True):
        command = [pathlib.Path(sys.executable).with_name("aws"), "dsql", *arguments]
        done = subprocess.run(command, env=self.environment() | {"AWS_PAGER": ""}, capture_output=True, text=True)
        if check:
            assert done.returncode == 0, f"{arguments}: {done.stderr}"
            return json.loads(done.stdout) if done.stdout.strip() else None
        assert done.returncode != 0, f"{arguments}: no error, but {done.stdout}"
        return done.stderr

    def raw(self, method, path, body=b"", headers=(), send=True):
        """One request as it is, unsigned unless the headers sign it."""
        url = urllib.parse.urlsplit(self.url)
        if url.scheme == "https":
            context = ssl.create_default_context(cafile=self.ca)
            connection = http.client.HTTPSConnection(url.hostname, url.port, context=context, timeout=60)
        else:
            connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        if send:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers["x-amzn-errortype"], answer.read()
        return connection

    def signed(self, method, path, body=b""):
        keys = boto3.Session().get_credentials().get_frozen_credentials()
        request = AWSRequest(method, self.url + path, data=body)
        SigV4Auth(Credentials(*keys), "dsql", REGION).add_auth(request)
        return self.raw(method, path, body, request.headers.items())


def refused(name, call, **arguments):
    """The error that a call must end in."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == name, error
        return error.response
    raise AssertionError(f"{arguments}: no {name}")


POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": ["dsql:DbConnect", "dsql:DbConnectAdmin"],
                "Resource": "*",
                "Condition": {"Null": {"aws:SourceVpc": "true"}},
            }
        ],
    }
)


def life_cycle(server):
    dsql = server.client()
    step("boto3: create with tags, policy and a client token; the same token is the same cluster")
    parameters = {"tags": {"Name": "orders", "env": "e2e test"}, "policy": POLICY, "clientToken": "e2e-1"}
    made = dsql.create_cluster(**parameters)
    identifier, arn = made["identifier"], made["arn"]
    assert made["status"] == "CREATING" and made["deletionProtectionEnabled"] is True, made
    assert abs(datetime.datetime.now(datetime.UTC) - made["creationTime"]) < datetime.timedelta(minutes=1), made
    assert dsql.create_cluster(**parameters)["identifier"] == identifier
    refused("ConflictException", dsql.create_cluster, **(parameters | {"tags": {}}))

    step("the waiter sees it ACTIVE; get has everything")
    dsql.get_waiter("cluster_active").wait(identifier=identifier)
    got = dsql.get_cluster(identifier=identifier)
    assert got["tags"] == parameters["tags"] and got["endpoint"] == f"{identifier}.dsql.{REGION}.on.aws", got
    assert got["encryptionDetails"] == {"encryptionType": "AWS_OWNED_KMS_KEY", "encryptionStatus": "ENABLED"}, got
    assert "multiRegionProperties" not in got and got["metricGroups"] == [], got
    name = dsql.get_vpc_endpoint_service_name(identifier=identifier)
    assert name["serviceName"].startswith(f"com.amazonaws.{REGION}.dsql-"), name

    step("policies: version, expected version, lock-out check, removal")
    assert dsql.get_cluster_policy(identifier=identifier)["policy"] == POLICY
    refused("ConflictException", dsql.put_cluster_policy, identifier=identifier, policy=POLICY, expectedPolicyVersion="7")
    assert dsql.put_cluster_policy(identifier=identifier, policy=POLICY, expectedPolicyVersion="1")["policyVersion"] == "2"
    lock_out = POLICY.replace('"dsql:DbConnect"', '"dsql:PutClusterPolicy"').replace('"true"', '"true"')
    refused("ValidationException", dsql.put_cluster_policy, identifier=identifier, policy=lock_out)
    refused("ValidationException", dsql.put_cluster_policy, identifier=identifier, policy="{")
    assert dsql.delete_cluster_policy(identifier=identifier, expectedPolicyVersion="2")["policyVersion"] == "2"
    refused("ResourceNotFoundException", dsql.get_cluster_policy, identifier=identifier)

    step("tags of an ARN in the path")
    dsql.tag_resource(resourceArn=arn, tags={"a": "1", "env": "changed"})
    dsql.untag_resource(resourceArn=arn, tagKeys=["a", "Name"])
    assert dsql.list_tags_for_resource(resourceArn=arn)["tags"] == {"env": "changed"}
    refused("ResourceNotFoundException", dsql.list_tags_for_resource, resourceArn=arn[:-26] + "a" * 26)

    step("pages hold every cluster once")
    others = [dsql.create_cluster(deletionProtectionEnabled=False)["identifier"] for _ in range(4)]
    listed = [c["identifier"] for page in dsql.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2}) for c in page["clusters"]]
    assert len(listed) == len(set(listed)) and set(listed) >= {identifier, *others}, listed
    refused("ValidationException", dsql.list_clusters, nextToken="nothing")
    for other in others:
        dsql.delete_cluster(identifier=other)

    step("update: UPDATING, then ACTIVE again; protection refuses a deletion until it is off")
    error = refused("ValidationException", dsql.delete_cluster, identifier=identifier)
    assert error["reason"] == "deletionProtectionEnabled", error
    updated = dsql.update_cluster(identifier=identifier, deletionProtectionEnabled=False, metricGroups=[{"metricGroup": "STATEMENT_STATISTICS"}])
    assert updated["status"] == "UPDATING", updated
    dsql.get_waiter("cluster_active").wait(identifier=identifier)
    got = dsql.get_cluster(identifier=identifier)
    assert got["deletionProtectionEnabled"] is False and got["metricGroups"] == [{"metricGroup": "STATEMENT_STATISTICS"}], got

    step("killed with -9, everything is there")
    server.kill()
    server.start()
    dsql = server.client()
    again = dsql.get_cluster(identifier=identifier)
    assert {k: again[k] for k in ("arn", "creationTime", "tags", "metricGroups")} == {k: got[k] for k in ("arn", "creationTime", "tags", "metricGroups")}
    assert dsql.create_cluster(**parameters)["identifier"] == identifier, "tokens outlive the process"

    step("delete, and gone")
    assert dsql.delete_cluster(identifier=identifier)["status"] == "DELETING"
    for gone in [identifier, *others]:
        dsql.get_waiter("cluster_not_exists").wait(identifier=gone)
    error = refused("ResourceNotFoundException", dsql.get_cluster, identifier=identifier)
    assert (error["resourceId"], error["resourceType"]) == (identifier, "cluster"), error


def one_database(server, *ends):
    """Both endpoints accept writes, and each sees the other's; neither takes a token for the other."""
    import psycopg

    def connect(dsql, region, endpoint, token_for=None):
        token = dsql.generate_db_connect_admin_auth_token(token_for or endpoint, region)
        return psycopg.connect(
            host=endpoint, hostaddr="127.0.0.1", port=server.port, user="admin", dbname="postgres", password=token,
            sslmode="verify-full", sslrootcert=server.ca, autocommit=True,
        )

    with connect(*ends[0]) as here, connect(*ends[1]) as there:
        here.execute("create table seen (region text primary key)")
        here.execute("insert into seen values ('us-east-1')")
        there.execute("insert into seen values ('us-west-2')")
        for end in (here, there):
            assert end.execute("select region from seen order by 1").fetchall() == [("us-east-1",), ("us-west-2",)]
    (east, first), (west, second) = [(region, endpoint) for _, region, endpoint in ends]
    for region, endpoint, token_for, hint in (
        (west, first, first, f"Credential should be scoped to a valid region, not '{west}'"),
        (east, second, second, f"Credential should be scoped to a valid region, not '{east}'"),
        (west, first, second, "The token was generated for host"),
        (east, second, first, "The token was generated for host"),
    ):
        try:
            connect(ends[0][0], region, endpoint, token_for).close()
        except psycopg.OperationalError as error:
            assert hint in str(error), error
        else:
            raise AssertionError(f"{endpoint} took a token for {token_for} in {region}")


def multi_region(server):
    step("two Regions and a witness become one database, and go together")
    east, west = server.client("us-east-1"), server.client("us-west-2")
    first = east.create_cluster(multiRegionProperties={"witnessRegion": "us-east-2"}, deletionProtectionEnabled=False)
    second = west.create_cluster(
        multiRegionProperties={"witnessRegion": "us-east-2", "clusters": [first["arn"]]}, deletionProtectionEnabled=False
    )
    assert east.get_cluster(identifier=first["identifier"])["status"] == "PENDING_SETUP"
    east.update_cluster(identifier=first["identifier"], multiRegionProperties={"witnessRegion": "us-east-2", "clusters": [second["arn"]]})
    east.get_waiter("cluster_active").wait(identifier=first["identifier"])
    west.get_waiter("cluster_active").wait(identifier=second["identifier"])
    if not ALONE:
        one_database(server, (east, "us-east-1", first["endpoint"]), (west, "us-west-2", second["endpoint"]))
    got = west.get_cluster(identifier=second["identifier"])["multiRegionProperties"]
    assert got == {"witnessRegion": "us-east-2", "clusters": sorted([first["arn"], second["arn"]])}, got
    assert east.delete_cluster(identifier=first["identifier"])["status"] == "PENDING_DELETE"
    assert east.get_cluster(identifier=first["identifier"])["status"] == "PENDING_DELETE"
    west.delete_cluster(identifier=second["identifier"])
    east.get_waiter("cluster_not_exists").wait(identifier=first["identifier"])
    west.get_waiter("cluster_not_exists").wait(identifier=second["identifier"])
    refused("ValidationException", east.create_cluster, multiRegionProperties={"witnessRegion": "us-east-1"})


def command_line(server):
    step("AWS CLI: create, wait, get, list, update, delete, and its errors")
    policy = pathlib.Path(server.folder, "policy.json")
    policy.write_text(POLICY)
    made = server.aws("create-cluster", "--tags", "Name=cli,created_by=e2e", "--policy", f"file://{policy}")
    identifier = made["identifier"]
    server.aws("wait", "cluster-active", "--identifier", identifier)
    got = server.aws("get-cluster", "--identifier", identifier)
    assert (got["status"], got["tags"]) == ("ACTIVE", {"Name": "cli", "created_by": "e2e"}), got
    assert server.aws("get-cluster-policy", "--identifier", identifier)["policyVersion"] == "1"
    listed = server.aws("list-clusters", "--page-size", "1")["clusters"]
    assert identifier in [cluster["identifier"] for cluster in listed], listed
    server.aws("tag-resource", "--resource-arn", made["arn"], "--tags", "team=db")
    assert server.aws("list-tags-for-resource", "--resource-arn", made["arn"])["tags"]["team"] == "db"
    error = server.aws("delete-cluster", "--identifier", identifier, check=False)
    assert "(ValidationException)" in error and "deletion protection" in error, error
    assert server.aws("update-cluster", "--identifier", identifier, "--no-deletion-protection-enabled")["status"] == "UPDATING"
    assert server.aws("delete-cluster", "--identifier", identifier)["status"] == "DELETING"
    server.aws("wait", "cluster-not-exists", "--identifier", identifier)
    error = server.aws("get-cluster", "--identifier", identifier, check=False)
    assert "(ResourceNotFoundException)" in error, error


def streams(server):
    step("streams: refused while nothing feeds them" if ALONE else "streams: made, found without a target, listed with pages, deleted")
    dsql = server.client()
    identifier = dsql.create_cluster(deletionProtectionEnabled=False)["identifier"]
    dsql.get_waiter("cluster_active").wait(identifier=identifier)
    target = {"kinesis": {"streamArn": f"arn:aws:kinesis:{REGION}:000000000000:stream/s", "roleArn": "arn:aws:iam::000000000000:role/r"}}
    wanted = {"clusterIdentifier": identifier, "targetDefinition": target, "ordering": "UNORDERED", "format": "JSON"}
    if ALONE:
        assert "not connected" in refused("ValidationException", dsql.create_stream, **wanted)["message"]
        assert dsql.list_streams(clusterIdentifier=identifier)["streams"] == []
    else:
        target_is_not_there(server, dsql, wanted)
    refused("ResourceNotFoundException", dsql.get_stream, clusterIdentifier=identifier, streamIdentifier="a" * 26)
    dsql.delete_cluster(identifier=identifier)


def target_is_not_there(server, dsql, wanted):
    """A target becomes one by the operator's list; until then a stream to it fails, and what has failed can only be deleted."""
    identifier = wanted["clusterIdentifier"]
    failed = dsql.create_stream(**wanted)["streamIdentifier"]
    names = {"clusterIdentifier": identifier, "streamIdentifier": failed}
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=60)
    while (stream := dsql.get_stream(**names))["status"] == "CREATING":
        assert datetime.datetime.now() < deadline, stream
    assert (stream["status"], stream["statusReason"]["error"]) == ("FAILED", "KINESIS_STREAM_NOT_FOUND"), stream
    taken = pathlib.Path(server.folder) / "records.jsonl"
    targets = pathlib.Path(server.folder) / "control" / "targets.json"
    targets.write_text(json.dumps({wanted["targetDefinition"]["kinesis"]["streamArn"]: f"file://{taken}"}))
    made = dsql.create_stream(**wanted, tags={"a": "b"})["streamIdentifier"]
    dsql.get_waiter("stream_active").wait(clusterIdentifier=identifier, streamIdentifier=made, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert taken.exists()
    pages = dsql.get_paginator("list_streams").paginate(clusterIdentifier=identifier, PaginationConfig={"PageSize": 1})
    assert {stream["streamIdentifier"] for page in pages for stream in page["streams"]} == {failed, made}
    for stream in (failed, made):
        names = {"clusterIdentifier": identifier, "streamIdentifier": stream}
        dsql.delete_stream(**names)
        dsql.get_waiter("stream_not_exists").wait(**names, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def strangers(server):
    step("who is not known, or signs wrongly, is told so and nothing else")
    key = boto3.Session().get_credentials().get_frozen_credentials()
    unknown = server.client(key=("AKIAUNKNOWNUNKNOWN00", "x" * 40))
    error = refused("UnrecognizedClientException", unknown.list_clusters)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403, error
    refused("InvalidSignatureException", server.client(key=(key.access_key, "x" * 40)).list_clusters)
    refused("UnrecognizedClientException", server.client(key=(key.access_key, key.secret_key, "a token of nobody")).list_clusters)
    assert server.raw("GET", "/cluster")[:2] == (403, "MissingAuthenticationTokenException")
    assert server.raw("GET", "/no/such/path")[:2] == (403, "MissingAuthenticationTokenException")
    assert server.raw("GET", "/cluster", headers={"Authorization": "Basic eDp5"}.items())[1] == "IncompleteSignatureException"


def killed(server):
    step("killed with -9 among changes, ten times: what was acknowledged is there, and nothing by half")
    dsql = server.client()
    made = dsql.create_cluster(deletionProtectionEnabled=False)
    identifier, arn = made["identifier"], made["arn"]
    acknowledged = 0
    for round in range(10):
        dsql = server.client()
        tagged = threading.Event()

        def change():
            nonlocal acknowledged
            try:
                while True:
                    dsql.tag_resource(resourceArn=arn, tags={"a": str(acknowledged + 1), "b": str(acknowledged + 1)})
                    acknowledged += 1
                    tagged.set()
            except (EndpointConnectionError, HTTPClientError, SSLError):
                tagged.set()

        thread = threading.Thread(target=change)
        thread.start()
        tagged.wait(timeout=30)
        for _ in range(round):
            server.client().get_cluster(identifier=identifier)
        server.kill()
        thread.join()
        server.start()
        tags = server.client().get_cluster(identifier=identifier)["tags"]
        # The one that was on its way when the process ended may be there; half of it may not.
        assert tags["a"] == tags["b"] and int(tags["a"]) in (acknowledged, acknowledged + 1), (tags, acknowledged)
        acknowledged = int(tags["a"])
    assert acknowledged >= 10, acknowledged
    server.client().delete_cluster(identifier=identifier)


def bad_input(server):
    step("bodies of 100 MiB, paths that climb, methods and paths that nobody has")
    assert server.signed("GET", "/cluster/..%2F..%2Fetc%2Fpasswd")[:2] == (400, "ValidationException")
    assert server.signed("PUT", "/cluster")[:2] == (405, "MethodNotAllowedException")
    assert server.signed("GET", "/clusterz")[:2] == (404, "UnknownOperationException")
    assert server.signed("POST", "/cluster", b'{"tags":')[:2] == (400, "ValidationException")
    huge = server.raw("POST", "/cluster", send=False)
    huge.putrequest("POST", "/cluster")
    huge.putheader("Content-Length", str(100 << 20))
    huge.endheaders()
    answer = huge.getresponse()
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException"), answer.status
    # Without a length, the server finds out while it reads; it answers long before the 100 MiB have been sent.
    chunked = server.raw("POST", "/cluster", send=False)
    chunked.putrequest("POST", "/cluster")
    chunked.putheader("Transfer-Encoding", "chunked")
    chunked.endheaders()
    sent = 0
    try:
        while sent < 100 << 20:
            chunked.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            sent += 0x10000
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass
    assert sent < 50 << 20, f"{sent} bytes were taken"


with tempfile.TemporaryDirectory() as folder:
    server = Server(folder)
    server.start()
    try:
        life_cycle(server)
        multi_region(server)
        command_line(server)
        streams(server)
        strangers(server)
        killed(server)
        bad_input(server)
    finally:
        server.kill()
print(f"control: {steps} steps, {checked} answers held against botocore {botocore.__version__}'s model")
