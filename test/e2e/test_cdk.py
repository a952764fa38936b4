"""What the CDK asks around a deployment: how it publishes assets, and what its custom resources' functions do. The
deployment itself goes through CloudFormation, which this server has not."""

import base64
import hashlib
import io
import json

from boto3.s3.transfer import TransferConfig
from conftest import Clients, error_of, zipped
from server import ACCOUNT, REGION

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
     "Action": ["sts:AssumeRole", "sts:TagSession"]}]})
OWNER = {"ExpectedBucketOwner": ACCOUNT}


def publishing_clients(clients, name):
    """Clients with the publishing role's credentials, as the toolkit assumes it."""
    role = clients.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    assert clients.sts.get_caller_identity()["Account"] == ACCOUNT
    session = clients.sts.assume_role(RoleArn=role, RoleSessionName="aws-cdk-user",
                                      Tags=[{"Key": "stage", "Value": "ci"}], TransitiveTagKeys=["stage"])
    assert session["AssumedRoleUser"]["Arn"].endswith(f"assumed-role/{name}/aws-cdk-user")
    given = session["Credentials"]

    class Assumed(Clients):
        def __call__(self, service, **options):
            client = super().__call__(service, **options)
            client._request_signer._credentials.token = given["SessionToken"]
            return client
    return Assumed(clients.endpoint, given["AccessKeyId"], given["SecretAccessKey"])


def test_a_file_asset_is_published(clients, name):
    mine = publishing_clients(clients, name)
    assert mine.sts.get_caller_identity()["Arn"] == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/aws-cdk-user")
    s3 = mine.s3
    bucket, package = f"cdk-hnb659fds-assets-{name}", zipped("def handler(e, c): return 'from an asset'")
    key = hashlib.sha256(package).hexdigest() + ".zip"
    assert error_of(s3.get_bucket_location, Bucket=bucket)[0] == "NoSuchBucket"
    clients.s3.create_bucket(Bucket=bucket)
    s3.get_bucket_location(Bucket=bucket, **OWNER)
    assert error_of(s3.get_bucket_location, Bucket=bucket, ExpectedBucketOwner="999999999999")[0] == "AccessDenied"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    # A small asset is one request, a large one is sent in parts; both with SHA-256 checksums.
    with_checksum = {"ChecksumAlgorithm": "SHA256", "ServerSideEncryption": "AES256"}
    s3.put_object(Bucket=bucket, Key=key, Body=package, ContentType="application/zip", **with_checksum)
    digest = base64.b64encode(hashlib.sha256(package).digest()).decode()
    head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ServerSideEncryption"]) == (digest, "AES256")
    s3.upload_fileobj(io.BytesIO(b"x" * 12_000_000), bucket, "large",
                      ExtraArgs={"ContentType": "application/octet-stream", **with_checksum},
                      Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
    assert s3.head_object(Bucket=bucket, Key="large")["ContentLength"] == 12_000_000
    found = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)["Contents"][0]
    assert found["Key"] == key and found["Size"] > 22  # an empty zip counts as not published
    # What the deployment makes of it.
    lam = clients("lambda")
    lam.create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler",
                        Role=f"arn:aws:iam::{ACCOUNT}:role/{name}", Code={"S3Bucket": bucket, "S3Key": key})
    assert json.loads(lam.invoke(FunctionName=name)["Payload"].read()) == "from an asset"
    lam.delete_function(FunctionName=name)


def test_a_custom_resource_answers_by_a_signed_url(clients, bucket, name, make_function):
    """A provider's function sends its answer with PUT to a URL that was signed for it, without a content type."""
    make_function(name, """
import json, urllib.request
def handler(event, context):
    body = json.dumps({'Status': 'SUCCESS', 'RequestId': event['RequestId']}).encode()
    request = urllib.request.Request(event['ResponseURL'], data=body, method='PUT',
                                     headers={'content-type': '', 'content-length': str(len(body))})
    return urllib.request.urlopen(request).status
""")
    url = Clients("http://127.0.0.1:4566").s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "answer"})
    answer = clients("lambda").invoke(FunctionName=name, Payload=json.dumps({"RequestId": "r", "ResponseURL": url}))
    assert json.loads(answer["Payload"].read()) == 200
    assert json.loads(clients.s3.get_object(Bucket=bucket, Key="answer")["Body"].read())["Status"] == "SUCCESS"


def test_the_cdks_own_functions(clients, versioned, name, make_function):
    """The handlers that the CDK brings along: bucket notifications merged into those that are there, and a bucket
    emptied before it goes."""
    make_function(name + "-target", "def handler(e, c): pass")
    clients("lambda").add_permission(FunctionName=name + "-target", StatementId="s3", Action="lambda:InvokeFunction",
                                     Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{versioned}",
                                     SourceAccount=ACCOUNT)
    target = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}-target"
    make_function(name, """
import boto3
s3 = boto3.client('s3')
def handler(event, context):
    bucket = event['Bucket']
    if event['Do'] == 'notify':
        there = s3.get_bucket_notification_configuration(Bucket=bucket)
        there.pop('ResponseMetadata')
        wanted = {'Id': 'cdk', 'Events': ['s3:ObjectCreated:*'], 'LambdaFunctionArn': event['Target']}
        kept = [c for c in there.get('LambdaFunctionConfigurations', []) if c['Id'] != 'cdk']
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
            **there, 'LambdaFunctionConfigurations': kept + [wanted]})
        return len(kept) + 1
    tags = s3.get_bucket_tagging(Bucket=bucket)['TagSet']
    if {'Key': 'aws-cdk:auto-delete-objects', 'Value': 'true'} not in tags: return 'not asked to'
    for page in s3.get_paginator('list_object_versions').paginate(Bucket=bucket):
        every = page.get('Versions', []) + page.get('DeleteMarkers', [])
        s3.delete_objects(Bucket=bucket, Delete={'Objects': [
            {'Key': v['Key'], 'VersionId': v['VersionId']} for v in every]})
    s3.delete_bucket(Bucket=bucket)
    return 'gone'
""")

    def run(**event):
        answer = clients("lambda").invoke(FunctionName=name, Payload=json.dumps({"Bucket": versioned, **event}))
        return json.loads(answer["Payload"].read())
    assert run(Do="notify", Target=target) == run(Do="notify", Target=target) == 1
    clients.s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    clients.s3.delete_object(Bucket=versioned, Key="k")
    clients.s3.put_bucket_tagging(Bucket=versioned, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert run(Do="empty") == "not asked to"
    clients.s3.put_bucket_tagging(Bucket=versioned, Tagging={"TagSet": [
        {"Key": "aws-cdk:auto-delete-objects", "Value": "true"}]})
    assert run(Do="empty") == "gone"
    assert error_of(clients.s3.head_bucket, Bucket=versioned)[0] == "404"
