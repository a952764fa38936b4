"""Space comes back, and what is on the disk is what was put there or an error: as a user and with kill -9."""

import os
import pathlib
import threading

import pytest
import test_durability
from botocore.exceptions import ClientError
from server import wait_for

lonely = test_durability.lonely  # a server of the test's own, which it may kill


def client(server):
    return test_durability.client(server, "s3")


def blobs(server):
    folder = pathlib.Path(server.data) / "data" / "blobs"
    return sorted(p for p in folder.glob("??/*") if p.parent.name != "tmp")


def test_what_is_deleted_gives_its_space_back(lonely):
    s3 = client(lonely)
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    body = os.urandom(100_000)
    versions = [s3.put_object(Bucket="bucket", Key="k", Body=body)["VersionId"] for _ in range(3)]
    s3.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": "k"})
    assert len(blobs(lonely)) == 4
    assert len({p.stat().st_ino for p in blobs(lonely)}) == 3  # a whole copy takes none of its own
    s3.delete_object(Bucket="bucket", Key="k")  # a marker keeps everything
    assert len(blobs(lonely)) == 4
    for version in versions:
        s3.delete_object(Bucket="bucket", Key="k", VersionId=version)
    wait_for("one blob", lambda: len(blobs(lonely)) == 1)
    assert s3.get_object(Bucket="bucket", Key="copy")["Body"].read() == body
    upload = s3.create_multipart_upload(Bucket="bucket", Key="m")["UploadId"]
    tags = [s3.upload_part(Bucket="bucket", Key="m", UploadId=upload, PartNumber=n, Body=piece)["ETag"]
            for n, piece in ((1, os.urandom(5 << 20)), (2, b"replaced"), (2, b"tail"), (3, b"left out"))]
    parts = [{"PartNumber": 1, "ETag": tags[0]}, {"PartNumber": 2, "ETag": tags[2]}]
    s3.complete_multipart_upload(Bucket="bucket", Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
    wait_for("the two parts that count", lambda: len(blobs(lonely)) == 3)
    stale = s3.create_multipart_upload(Bucket="bucket", Key="m")["UploadId"]
    s3.upload_part(Bucket="bucket", Key="m", UploadId=stale, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket="bucket", Key="m", UploadId=stale)
    listed = s3.list_object_versions(Bucket="bucket")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [
        {"Key": v["Key"], "VersionId": v["VersionId"]} for v in listed["Versions"] + listed["DeleteMarkers"]]})
    wait_for("no blob", lambda: not blobs(lonely))
    s3.delete_bucket(Bucket="bucket")


def test_orphans_of_a_crash_are_swept(lonely):
    """Killed again and again amid uploads; what no object names goes away, what one names stays."""
    s3 = client(lonely)
    s3.create_bucket(Bucket="bucket")
    kept, rounds = {}, 4

    def write(worker):
        mine, n = client(lonely), 0
        while True:
            key, body = f"{worker}/{n % 3}", os.urandom(40_000 + n % 7 * 30_000)
            try:
                mine.put_object(Bucket="bucket", Key=key, Body=body)
            except Exception:
                kept.pop(key, None)  # perhaps the new one, perhaps the old: not acknowledged
                return
            kept[key] = body
            n += 1
    for number in range(rounds):
        workers = [threading.Thread(target=write, args=(f"{number}-{w}",)) for w in range(4)]
        for w in workers:
            w.start()
        wait_for("uploads", lambda r=number: sum(k.startswith(f"{r}-") for k in list(kept)) >= 8)
        lonely.kill()
        for w in workers:
            w.join()
        # What a crash between blob and record leaves, for sure.
        folder = pathlib.Path(lonely.data) / "data" / "blobs" / "00"
        folder.mkdir(exist_ok=True)
        sample = blobs(lonely)[0].read_bytes()
        (folder / f"00{number:030x}.b2").write_bytes(sample)
        lonely.start()
    objects = client(lonely).list_objects_v2(Bucket="bucket")["KeyCount"]
    wait_for("the sweep", lambda: (lonely.advance(minutes=2), len(blobs(lonely)) == objects)[1])
    for key, body in kept.items():
        assert client(lonely).get_object(Bucket="bucket", Key=key)["Body"].read() == body, key


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x10]))


def test_a_flipped_bit_is_never_an_answer(lonely):
    s3 = client(lonely)
    s3.create_bucket(Bucket="bucket")
    large, small = os.urandom(1_000_000), os.urandom(900)
    s3.put_object(Bucket="bucket", Key="large", Body=large)
    s3.put_object(Bucket="bucket", Key="small", Body=small)
    s3.put_object(Bucket="bucket", Key="other", Body=b"untouched")
    lonely.stop()
    flip(blobs(lonely)[0], 900_000)
    base = pathlib.Path(lonely.data) / "data" / "tidegate.db"
    content, at = base.read_bytes(), -1
    while (at := content.find(small, at + 1)) >= 0:  # the row, and the log of changes
        flip(base, at + 450)
    lonely.start()
    s3 = client(lonely)
    with pytest.raises(Exception) as caught:  # cut off before the damage
        s3.get_object(Bucket="bucket", Key="large")["Body"].read()
    assert "IncompleteRead" in str(caught.value) or "Connection" in str(caught.value), caught.value
    assert s3.get_object(Bucket="bucket", Key="large", Range="bytes=0-99999")["Body"].read() == large[:100_000]
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket="bucket", Key="large", Range="bytes=899000-901000")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket="bucket", Key="small")
    assert refused.value.response["Error"]["Code"] == "InternalError"
    assert s3.get_object(Bucket="bucket", Key="other")["Body"].read() == b"untouched"
    s3.put_object(Bucket="bucket", Key="large", Body=large)
    assert s3.get_object(Bucket="bucket", Key="large")["Body"].read() == large


def test_slow_readers_of_large_objects_hold_no_memory(lonely):
    import socket
    s3 = client(lonely)
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="big", Body=b"\0" * (64 << 20))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "big"})

    def resident():
        status = pathlib.Path(f"/proc/{lonely.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])
    before, readers = resident(), []
    for _ in range(100):
        reader = socket.create_connection(("127.0.0.1", lonely.port))
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.sendall(f"GET {url.split(str(lonely.port), 1)[1]} HTTP/1.1\r\nHost: 127.0.0.1:{lonely.port}\r\n\r\n"
                       .encode())
        assert reader.recv(12) == b"HTTP/1.1 200"
        readers.append(reader)
    assert resident() - before < 16 * 1024  # kB, of 100 readers of 64 MiB each
    for reader in readers:
        reader.close()
