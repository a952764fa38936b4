"""What the zygote decides without a sandbox."""

import os
import subprocess
import sys
import unittest

import zygote

PLAIN = {**zygote.AS_EVER, "TZ": ":UTC", "_HANDLER": "index.handler"}


class Fitness(unittest.TestCase):
    def needs(self, entries=(), **environ):
        return zygote.needs_a_fresh_interpreter({**PLAIN, **environ}, entries, {"boto3", "six", "email"})

    def test_a_plain_function_is_forked(self):
        self.assertFalse(self.needs())
        self.assertFalse(self.needs(["index.py", "helpers", "requirements.txt"], MINE="x", TZ="Europe/Berlin"))

    def test_what_a_process_reads_at_its_start(self):
        for name in ("PYTHONPATH", "PYTHONUNBUFFERED", "LD_PRELOAD", "LD_LIBRARY_PATH", "LANG", "LC_ALL",
                     "OPENSSL_CONF", "GLIBC_TUNABLES", "MALLOC_ARENA_MAX"):
            self.assertTrue(self.needs(**{name: "x"}), name)

    def test_modules_of_its_own_win(self):
        for entry in ("boto3", "six.py", "six", "email", "email.py", "native.cpython-311-x86_64-linux-gnu.so",
                      "libmine.so.1"):
            self.assertTrue(self.needs([entry]), entry)


class Preparation(unittest.TestCase):
    def test_the_bootstrap_believes_to_lie_inside(self):
        folder = os.path.dirname(os.path.abspath(zygote.__file__))
        bootstrap = zygote.load_bootstrap(os.path.join(folder, "bootstrap.py"))
        self.assertEqual(bootstrap.main.__code__.co_filename, zygote.INSIDE)
        self.assertEqual(bootstrap.HANDLED_IN_BOOTSTRAP[0], zygote.INSIDE)

    def test_warming_up_leaves_a_process_that_can_be_forked(self):
        code = ("import os, sys, zygote\n"
                "zygote.warm_up(zygote.load_bootstrap(sys.argv[1]))\n"
                "zygote.LAUNCHER = 2\nzygote.check_alone()\nimport boto3\n"
                "assert boto3.DEFAULT_SESSION is None and 'awscrt' not in sys.modules\n"
                "os.environ.update(AWS_ACCESS_KEY_ID='mine', AWS_SECRET_ACCESS_KEY='s',\n"
                "                  AWS_DEFAULT_REGION='eu-west-1', AWS_ENDPOINT_URL='http://127.0.0.1:4566')\n"
                "c = boto3.client('appconfig')\n"
                "print(c.meta.endpoint_url, c.meta.region_name, c._request_signer._credentials.access_key)\n")
        folder = os.path.dirname(os.path.abspath(zygote.__file__))
        done = subprocess.run([sys.executable, "-s", "-c", code, os.path.join(folder, "bootstrap.py")], cwd=folder,
                              capture_output=True, text=True, env={"LANG": "en_US.UTF-8"}, stdin=subprocess.DEVNULL)
        self.assertEqual(done.stdout, "http://127.0.0.1:4566 eu-west-1 mine\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
