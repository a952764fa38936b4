"""Random rules of feature flags, judged by the server and by an independent reading of the language
(rule_language.py). The seed is printed; TIDEGATE_SEED replays it, TIDEGATE_RULES makes it more of them."""

import http.client
import json
import os
import random

import pytest
from conftest import strategy_of
from rule_language import Generator, holds, parse
from test_agent import Agent

SEED = int(os.environ.get("TIDEGATE_SEED") or random.randrange(10 ** 9))
COUNT = int(os.environ.get("TIDEGATE_RULES", 1500))
PER_DOCUMENT = 250


@pytest.fixture(scope="module")
def agent():
    made = Agent()
    yield made
    assert made.server.stop() == 0


def document(rules):
    return json.dumps({"version": "1", "flags": {f"f{i}": {} for i in range(len(rules))}, "values": {
        f"f{i}": {"_variants": [{"name": "yes", "rule": rule, "enabled": True}, {"name": "no", "enabled": False}]}
        for i, rule in enumerate(rules)}})


def evaluated(agent, context):
    connection = http.client.HTTPConnection("127.0.0.1", agent.port, timeout=60)
    connection.putrequest("GET", "/applications/my%20app/environments/prod/configurations/random")
    for key, value in context.items():
        connection.putheader("Context", f"{key}={value}")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return {k: v["_variant"] == "yes" for k, v in json.loads(body).items()}


def test_thousands_of_random_rules(agent):
    generator = Generator(SEED)
    held = total = 0
    for _ in range(0, COUNT, PER_DOCUMENT):
        rules = [generator.rule() for _ in range(PER_DOCUMENT)]
        agent.deploy("random", document(rules), strategy=strategy_of(agent.appconfig),
                     Type="AWS.AppConfig.FeatureFlags")
        profile = next(p["Id"] for p in agent.appconfig.list_configuration_profiles(
            ApplicationId=agent.app)["Items"] if p["Name"] == "random")
        for _ in range(8):
            context = generator.context()
            answer = evaluated(agent, context)
            for i, rule in enumerate(rules):
                expected = holds(parse(rule), context, f"{profile}/f{i}")
                assert answer[f"f{i}"] == expected, f"TIDEGATE_SEED={SEED}\n{rule}\n{context}\nexpected {expected}"
                held, total = held + expected, total + 1
    assert 0.2 < held / total < 0.8  # neither side says the same to all


def test_broken_rules_are_refused_where_they_stand(agent):
    generator = Generator(SEED + 1)
    profile = agent.appconfig.create_configuration_profile(
        ApplicationId=agent.app, Name="broken", LocationUri="hosted", Type="AWS.AppConfig.FeatureFlags")["Id"]
    for _ in range(10):
        broken = [i for i in range(60) if generator.r.random() < 0.5]
        rules = [generator.broken() if i in broken else generator.rule(2) for i in range(60)]
        with pytest.raises(agent.appconfig.exceptions.BadRequestException) as caught:
            agent.appconfig.create_hosted_configuration_version(
                ApplicationId=agent.app, ConfigurationProfileId=profile, Content=document(rules).encode(),
                ContentType="application/json")
        details = caught.value.response["Details"]["InvalidConfiguration"]
        assert [d["Location"] for d in details] == [f"#/values/f{i}/_variants/0/rule" for i in broken], \
            (SEED, [rules[i] for i in broken])
        assert all(d["Reason"] for d in details)
