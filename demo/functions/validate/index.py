"""Called by AppConfig before a deployment: raising an error refuses the configuration."""

import base64


def lambda_handler(event, context):
    settings = {}
    for line in base64.b64decode(event["content"]).decode().splitlines():
        name, separator, value = line.split("#")[0].partition(":")
        if separator:
            settings[name.strip()] = value.strip()
    limit = int(settings["upload_limit_mb"])
    if not 1 <= limit <= 500:
        raise ValueError(f"upload_limit_mb must be from 1 to 500, and is {limit}")
    print(f"{event['configurationVersion']} is good: upload_limit_mb is {limit}")
