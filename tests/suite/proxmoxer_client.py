"""What a client does: log in, look, create, read back, delete, wait for a task. Run by the part `proxmoxer`."""
import json
import sys
import time
import warnings
from pathlib import Path

from proxmoxer import ProxmoxAPI, ResourceException
from proxmoxer.backends.https import AuthenticationError
from proxmoxer.tools import Tasks

from common import Part

warnings.filterwarnings("ignore")  # the twin's certificates are its own

part = Part("proxmoxer")
served = json.loads(Path(sys.argv[1]).read_text().splitlines()[0])
node = served["nodes"][0]["name"]
host, port = served["nodes"][0]["api"].removeprefix("https://").split(":")


def client(**how):
    return ProxmoxAPI(host, port=int(port), verify_ssl=False, **{"user": served["user"], **how})


def attempt(what, action):
    """One check: the action's answer is true, and nothing is raised."""
    try:
        answer = action()
        part.check(what, bool(answer), answer)
    except Exception as error:  # any error of the client is a failed check, not the part's end
        part.check(what, False, f"{type(error).__name__}: {error}")


def refused(action, *statuses):
    try:
        action()
    except ResourceException as error:
        return error.status_code in statuses
    except AuthenticationError:
        return 401 in statuses
    return False


def names(rows, key):
    return [row[key] for row in rows]


def life(what, collection, key, name, form):
    """Creates, finds, reads, deletes, and looks again."""
    attempt(f"a {what} is created", lambda: (collection.post(**form), True)[1])
    attempt(f"the {what} is in the list", lambda: name in names(collection.get(), key))
    attempt(f"the {what} can be read", lambda: collection(name).get())
    attempt(f"the {what} is deleted", lambda: (collection(name).delete(), True)[1])
    attempt(f"the {what} is gone", lambda: name not in names(collection.get(), key))


def task(api):
    attempt("a task is started, waited for, and ends well", lambda: waited(api))
    attempt("the task is listed", lambda: api.nodes(node).tasks.get())


def waited(api):
    """A network without changes is reloaded: a task that changes nothing."""
    upid = api.nodes(node).network.put()
    status = Tasks.blocking_status(api, upid, timeout=60, polling_interval=0.2)
    return status["exitstatus"] == "OK" and Tasks.decode_upid(upid)["node"] == node


def token(api):
    made = api.access.users("root@pam").token("client").post(privsep=0)
    other = client(token_name="client", token_value=made["value"])
    seen = other.version.get()
    api.access.users("root@pam").token("client").delete()
    time.sleep(0.1)
    return seen["release"] and refused(other.version.get, 401)


def main():
    attempt("a wrong password is refused", lambda: refused(lambda: client(password="no").version.get(), 401))
    api = client(password=served["password"])
    attempt("it logs in and reads the version", lambda: api.version.get()["release"])
    attempt("it lists the nodes", lambda: names(api.nodes.get(), "node") == [node])
    life("user", api.access.users, "userid", "client@pve", {"userid": "client@pve", "comment": "a client"})
    life("pool", api.pools, "poolid", "client", {"poolid": "client", "comment": "a client"})
    directory = {"storage": "client", "type": "dir", "path": "/srv/client", "content": "iso"}
    life("storage", api.storage, "storage", "client", directory)
    attempt("a token works until it's deleted", lambda: token(api))
    attempt("a wrong parameter is a 400", lambda: refused(lambda: api.pools.post(pool="x"), 400))
    task(api)
    part.finish()


main()
