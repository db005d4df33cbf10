"""Runs run_task.py against a Terraform that is made up here, with the `embargo` in the PATH."""

import hashlib
import hmac
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import unittest
import urllib.error
import urllib.request

KEY = "key-of-the-run-task"
TOKEN = "token-of-the-run"
WAIT = 60
SOUND = {"name": "nginx", "package_id": "nginx", "source": "deb_packages"}
BANNED = {"name": "kesl", "package_id": "kesl", "source": "deb_packages"}


def host(software):
    """A host that a US federal agency owns."""
    return {
        "host_id": "web-1",
        "owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["federal-civilian"]},
        "software": [software],
        "coverage": [{"source": "deb_packages", "state": "complete"}],
    }


def plan(*hosts):
    """A plan with these hosts in its output."""
    return {"planned_values": {"outputs": {"embargo_facts": {"value": list(hosts)}}}}


class Terraform(http.server.BaseHTTPRequestHandler):
    """Gives plans after a redirect, and takes the results of tasks."""

    def do_GET(self):
        """A plan's URL leads to another place, which must not get the token."""
        token = self.headers.get("Authorization")
        if self.path.startswith("/plan/"):
            self.server.seen.append(("plan", token))
            self.send_response(307)
            self.send_header("Location", f"/archive/{self.path[len('/plan/'):]}")
            self.end_headers()
            return
        self.server.seen.append(("archive", token))
        given = self.server.plans.get(self.path[len("/archive/"):])
        content = json.dumps(given).encode()
        self.send_response(404 if given is None else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_PATCH(self):
        """The result of a task."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.put((self.headers.get("Authorization"), json.loads(content)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Logs nothing."""


class RunTask(unittest.TestCase):
    """What becomes of a task."""

    def setUp(self):
        self.terraform = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Terraform)
        self.terraform.plans, self.terraform.seen = {}, []
        self.terraform.told = queue.Queue()
        threading.Thread(target=self.terraform.serve_forever).start()
        self.addCleanup(self.terraform.server_close)
        self.addCleanup(self.terraform.shutdown)
        self.place = f"127.0.0.1:{self.terraform.server_address[1]}"
        self.begin()

    def begin(self, *arguments):
        """Starts the program, which says where it listens."""
        script = pathlib.Path(__file__).with_name("run_task.py")
        self.program = subprocess.Popen(
            [sys.executable, script, "--listen", "127.0.0.1:0", *arguments],
            env={**os.environ, "RUN_TASK_KEY": KEY, "RUN_TASK_HOSTS": self.place},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.program.stdout.close)
        self.addCleanup(self.program.wait)
        self.addCleanup(self.program.kill)
        self.url = "http://" + self.program.stdout.readline().split()[-1]

    def send(self, task, signature=None):
        """Sends a task and gives the status that comes back."""
        content = json.dumps(task).encode()
        signed = hmac.new(KEY.encode(), content, hashlib.sha512).hexdigest()
        request = urllib.request.Request(self.url, data=content, method="POST")
        request.add_header("X-TFC-Task-Signature", signed if signature is None else signature)
        try:
            with urllib.request.urlopen(request, timeout=WAIT) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def task(self, **changes):
        """A task about the plan `one`."""
        return {
            "access_token": TOKEN,
            "run_id": "run-1",
            "plan_json_api_url": f"http://{self.place}/plan/one",
            "task_result_callback_url": f"http://{self.place}/result",
            **changes,
        }

    def result(self):
        """What Terraform was told: the status and the message."""
        token, content = self.terraform.told.get(timeout=WAIT)
        self.assertEqual(token, f"Bearer {TOKEN}")
        self.assertEqual(content["data"]["type"], "task-results")
        attributes = content["data"]["attributes"]
        return attributes["status"], attributes["message"]

    def judged(self, given):
        """What becomes of a plan."""
        self.terraform.plans["one"] = given
        self.assertEqual(self.send(self.task()), 200)
        return self.result()

    def test_hosts_on_which_nothing_stands_in_the_way_pass(self):
        status, message = self.judged(plan(host(SOUND)))
        self.assertEqual(status, "passed", message)
        self.assertIn("go ahead", message)

    def test_one_host_that_is_denied_fails_the_task(self):
        allowed = {**host(SOUND), "host_id": "web-2"}
        status, message = self.judged(plan(allowed, host(BANNED)))
        self.assertEqual(status, "failed")
        self.assertIn("denied", message)

    def test_a_plan_without_hosts_fails(self):
        for given in ({}, plan(), {"planned_values": {"outputs": {"embargo_facts": {"value": "all"}}}}):
            status, message = self.judged(given)
            self.assertEqual(status, "failed")
            self.assertIn("no decision", message)

    def test_facts_that_are_faulty_fail(self):
        faulty = {**host(SOUND), "softwares": []}
        self.assertEqual(self.judged(plan(host(SOUND), faulty))[0], "failed")

    def test_a_host_that_does_not_say_what_software_it_has_fails(self):
        status, message = self.judged(plan(host(SOUND), {"host_id": "web-2"}))
        self.assertEqual(status, "failed")
        self.assertIn("no decision", message)

    def test_a_server_that_is_away_fails_the_task(self):
        self.program.kill()
        self.begin("--server", "http://127.0.0.1:1")
        status, message = self.judged(plan(host(SOUND)))
        self.assertEqual(status, "failed")
        self.assertIn("no decision", message)

    def test_a_plan_that_cannot_be_had_fails_the_task(self):
        url = f"http://{self.place}/archive/none"
        self.assertEqual(self.send(self.task(plan_json_api_url=url)), 200)
        self.assertEqual(self.result()[0], "failed")

    def test_a_plan_elsewhere_is_not_asked_for(self):
        url = f"http://localhost:{self.terraform.server_address[1]}/plan/one"
        self.assertEqual(self.send(self.task(plan_json_api_url=url)), 200)
        self.assertEqual(self.result()[0], "failed")
        self.assertEqual(self.terraform.seen, [])

    def test_a_signature_that_does_not_hold_is_refused(self):
        for signature in ("", "0" * 128):
            self.assertEqual(self.send(self.task(), signature), 401)
        self.assertEqual(self.terraform.seen, [])

    def test_the_token_goes_to_the_first_place_alone(self):
        self.judged(plan(host(SOUND)))
        self.assertEqual(self.terraform.seen, [("plan", f"Bearer {TOKEN}"), ("archive", None)])

    def test_the_task_that_is_sent_on_setting_up_is_answered_and_not_judged(self):
        self.assertEqual(self.send(self.task(access_token="test-token")), 200)
        self.judged(plan(host(SOUND)))
        self.assertTrue(self.terraform.told.empty())


if __name__ == "__main__":
    unittest.main()
