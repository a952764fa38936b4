"""Started by the upload: deploys the new version of the file through AppConfig.

The code is what one would run on AWS: a client made at import, settings from the environment, and
an error that is printed and raised again so that the event is retried.
"""

import os

import boto3

appconfig = boto3.client("appconfig")


def lambda_handler(event, context):
    version = event["Records"][0]["s3"]["object"]["versionId"]
    application = os.environ["APPLICATION_ID"]
    environment = os.environ["ENVIRONMENT_ID"]
    profile = os.environ["CONFIGURATION_PROFILE_ID"]
    strategy = os.environ["DEPLOYMENT_STRATEGY_ID"]
    try:
        response = appconfig.start_deployment(
            ApplicationId=application,
            EnvironmentId=environment,
            ConfigurationProfileId=profile,
            DeploymentStrategyId=strategy,
            ConfigurationVersion=version,
        )
    except Exception as error:
        print(f"deployment of {version} to {application}/{environment} was refused: {error}")
        raise
    print(f"deployment {response['DeploymentNumber']} of {version} started")
    return {"DeploymentNumber": response["DeploymentNumber"]}
