"""What a bucket's owner sets: tags, lifecycle, encryption; and the answers of what is not there."""

import datetime

import pytest
from conftest import error_of, tagged_at_creation


def test_bucket_tags(s3, bucket):
    assert error_of(s3.get_bucket_tagging, Bucket=bucket)[0] == "NoSuchTagSet"

    def put(*pairs):
        return s3.put_bucket_tagging(
            Bucket=bucket, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in pairs]})
    put(("team", "blue"), ("cost", "1"))
    tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert {t["Key"]: t["Value"] for t in tags} == {"team": "blue", "cost": "1"}
    assert error_of(lambda: put(("a", "1"), ("a", "2")))[0] == "InvalidTag"
    assert error_of(lambda: put(("aws:a", "1")))[0] == "InvalidTag"
    assert error_of(lambda: put(*[(str(i), "") for i in range(51)]))[0] == "BadRequest"
    assert len(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == 2
    s3.delete_bucket_tagging(Bucket=bucket)
    assert error_of(s3.get_bucket_tagging, Bucket=bucket)[0] == "NoSuchTagSet"


def test_lifecycle_is_kept_and_shown(s3, bucket):
    assert error_of(s3.get_bucket_lifecycle_configuration, Bucket=bucket)[0] == "NoSuchLifecycleConfiguration"
    rules = [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}},
        {"ID": "versions", "Status": "Disabled",
         "Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}]}},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2}},
        {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": "a"},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}},
        {"ID": "then", "Status": "Enabled", "Prefix": "x",
         "Expiration": {"Date": datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)},
         "Transitions": [{"Days": 3, "StorageClass": "GLACIER"}]}]

    def put(given):
        return s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": given})
    put(rules)
    kept = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    for rule in kept:
        rule["Expiration"] = rule.get("Expiration")
    assert kept == [{**r, "Expiration": r.get("Expiration")} for r in rules]
    assert error_of(lambda: put([{**rules[0], "Status": "enabled"}]))[0] == "MalformedXML"
    assert error_of(lambda: put([{**rules[0], "Expiration": {"Days": 0}}]))[0] == "InvalidArgument"
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert error_of(s3.get_bucket_lifecycle_configuration, Bucket=bucket)[0] == "NoSuchLifecycleConfiguration"


def test_encryption_says_what_holds(s3, bucket):
    def rule():
        document = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        return document["Rules"][0]
    assert rule() == {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}

    def put(algorithm, **more):
        return s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}, **more}]})
    put("AES256", BucketKeyEnabled=True)
    assert rule()["BucketKeyEnabled"] is True
    assert error_of(lambda: put("aws:kms"))[0] == "NotImplemented"
    assert error_of(lambda: put("DES"))[0] == "MalformedXML"
    s3.delete_bucket_encryption(Bucket=bucket)
    assert rule()["BucketKeyEnabled"] is False


def test_what_is_not_there_is_said_to_be_so(s3, bucket):
    for call, code in ((s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
                       (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
                       (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError")):
        assert error_of(call, Bucket=bucket)[0] == code
    s3.delete_bucket_website(Bucket=bucket)
    s3.delete_bucket_replication(Bucket=bucket)
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert error_of(s3.put_bucket_request_payment, Bucket=bucket,
                    RequestPaymentConfiguration={"Payer": "Requester"})[0] == "NotImplemented"
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert error_of(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "x"}})[0] == "NotImplemented"
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    for call, more in ((s3.get_object_retention, {}), (s3.get_object_legal_hold, {}),
                       (s3.put_object_legal_hold, {"LegalHold": {"Status": "ON"}})):
        assert error_of(call, Bucket=bucket, Key="k", **more)[0] == "InvalidRequest"


@pytest.mark.parametrize("encoding, kept", [
    ("gzip", "gzip"), ("deflate, gzip", "deflate, gzip"), ("gzip, aws-chunked", "gzip"),
    ("aws-chunked,gzip", "gzip")])
def test_content_encoding_is_kept_without_the_framing(s3, bucket, encoding, kept):
    s3.put_object(Bucket=bucket, Key="k", Body=b"", ContentEncoding=encoding)
    assert s3.head_object(Bucket=bucket, Key="k")["ContentEncoding"] == kept


def test_a_bucket_is_made_with_tags(clients, name):
    s3 = clients.s3
    tagged_at_creation(s3, name, team="blue", stage="prod")
    assert sorted(t["Value"] for t in s3.get_bucket_tagging(Bucket=name)["TagSet"]) == ["blue", "prod"]
    code, _ = error_of(lambda: tagged_at_creation(clients.s3, name + "-x", **{"aws:x": "y"}))
    assert code == "InvalidTag"
    assert error_of(s3.head_bucket, Bucket=name + "-x")[0] == "404"
