#!/usr/bin/env python3
"""Answers run tasks of HCP Terraform and Terraform Enterprise by `embargo gate`.

A run whose plan has an output `embargo_facts` (a list of hosts, with the names of HostFacts) passes
where Embargo says "go ahead" for all of them. Whatever else becomes of it, a plan without that output
and an error of this program included, the task has failed.

    RUN_TASK_KEY=... RUN_TASK_HOSTS=app.terraform.io,archivist.terraform.io \
        run_task.py --listen 127.0.0.1:8080 [--server http://embargo.internal:8181]

Put it behind a proxy that speaks TLS. It needs Python alone, and `embargo` in its PATH.
"""

import argparse
import hashlib
import hmac
import http.server
import json
import os
import subprocess
import threading
import urllib.parse
import urllib.request

LIMIT = 16 << 20
WAIT = 60
OUTCOMES = {1: "denied", 2: "no decision", 3: "a person must decide"}


class OtherHost(Exception):
    """A request would have gone, with its token, to a host that is not one of Terraform's."""


class Once(urllib.request.HTTPRedirectHandler):
    """Follows redirects to hosts of Terraform without the token, which is for the first alone."""

    def __init__(self, hosts):
        self.hosts = hosts

    def redirect_request(self, request, body, code, message, headers, url):
        allowed(url, self.hosts)
        return urllib.request.Request(url, method="GET")


def allowed(url, hosts):
    """Raises unless a URL is one of Terraform's. The signature holds, and the key may still leak."""
    parts = urllib.parse.urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if not (parts.scheme == "https" or plain) or parts.netloc not in hosts:
        raise OtherHost("the URL is of another host; hint: name it in RUN_TASK_HOSTS")


def ask(method, url, token, hosts, content=None):
    """Makes a request to Terraform and gives what it answers."""
    allowed(url, hosts)
    request = urllib.request.Request(url, data=content, method=method)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/vnd.api+json")
    opener = urllib.request.build_opener(Once(hosts))
    with opener.open(request, timeout=WAIT) as answer:
        return answer.read(LIMIT)


def facts_of(plan):
    """The hosts of a plan, one a line."""
    output = plan.get("planned_values", {}).get("outputs", {}).get("embargo_facts", {})
    hosts = output.get("value")
    if not isinstance(hosts, list) or not hosts:
        raise ValueError("the plan has no output `embargo_facts` with hosts")
    # Facts without software are sound, and would be allowed for want of anything to judge.
    if not all(isinstance(host, dict) and isinstance(host.get("software"), list) for host in hosts):
        raise ValueError("a host in the output `embargo_facts` does not say what software it has")
    return "\n".join(json.dumps(host) for host in hosts)


def judge(facts, server, action):
    """Asks Embargo: whether the run may go on, and why."""
    command = ["embargo", "gate", "-", "--from", "facts", "--action", action]
    if server:
        command += ["--server", server]
    done = subprocess.run(
        command, input=facts, capture_output=True, text=True, timeout=WAIT, check=False
    )
    said = done.stdout.strip().splitlines()
    if done.returncode == 0:
        return "passed", said[0] if said else "go ahead"
    why = said[0] if said else OUTCOMES.get(done.returncode, "no decision")
    return "failed", why


def verdict(task, server, action, hosts):
    """The status and message of a task. Never passed by an error."""
    try:
        plan = json.loads(ask("GET", task["plan_json_api_url"], task["access_token"], hosts))
        return judge(facts_of(plan), server, action)
    except ValueError as error:
        return "failed", f"no decision: {error}"
    except Exception as error:  # Whatever it is, there is no decision. Its text may hold a token.
        return "failed", f"no decision: {type(error).__name__}"


def finish(task, server, action, hosts):
    """Judges a task and says so to Terraform, which takes silence for a failure."""
    status, message = verdict(task, server, action, hosts)
    content = {"data": {"type": "task-results", "attributes": {"status": status, "message": message}}}
    try:
        url = task["task_result_callback_url"]
        ask("PATCH", url, task["access_token"], hosts, json.dumps(content).encode())
        print(f"{status}: run {task.get('run_id')}", flush=True)
    except Exception as error:
        print(f"not told: run {task.get('run_id')}: {type(error).__name__}", flush=True)


class Door(http.server.BaseHTTPRequestHandler):
    """Takes tasks whose signature holds."""

    def do_POST(self):
        """Answers at once, as Terraform wants it, and judges afterwards."""
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LIMIT:
            return self.end(413)
        content = self.rfile.read(length)
        wanted = hmac.new(self.server.key, content, hashlib.sha512).hexdigest()
        if not hmac.compare_digest(wanted, self.headers.get("X-TFC-Task-Signature") or ""):
            return self.end(401)
        try:
            task = json.loads(content)
        except ValueError:
            return self.end(400)
        # Terraform sends one without a run when a run task is set up.
        if task.get("access_token") != "test-token":
            given = (task, self.server.embargo, self.server.action, self.server.hosts)
            threading.Thread(target=finish, args=given).start()
        return self.end(200)

    def end(self, status):
        """Answers without content."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Logs nothing: requests hold tokens."""


def main():
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:8080")
    parser.add_argument("--server", default="", help="the Embargo server; else what `embargo` finds")
    parser.add_argument("--action", default="install")
    given = parser.parse_args()
    key = os.environ.get("RUN_TASK_KEY", "").encode()
    if not key:
        parser.error("RUN_TASK_KEY is empty; hint: give it the HMAC key of the run task")
    host, _, port = given.listen.rpartition(":")
    with http.server.ThreadingHTTPServer((host, int(port)), Door) as server:
        server.key, server.embargo, server.action = key, given.server, given.action
        hosts = os.environ.get("RUN_TASK_HOSTS", "app.terraform.io,archivist.terraform.io")
        server.hosts = set(hosts.split(","))
        print(f"listening on {server.server_address[0]}:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
