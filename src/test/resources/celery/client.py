"""Stock Celery as an existing service has it: each line of JSON that it reads it answers with one.

The only argument is the URI of the result backend.
"""
import json
import sys
import time

from celery import Celery
from celery.result import AsyncResult

app = Celery("client", broker="memory://", backend=sys.argv[1])


def get(ask):
    started = time.monotonic()
    try:
        value = AsyncResult(ask["id"], app=app).get(timeout=ask["timeout"])
        answer = {"value": value}
    except Exception as e:
        answer = {"raised": type(e).__name__, "module": type(e).__module__, "message": str(e)}
    answer["seconds"] = time.monotonic() - started
    return answer


def look(ask):
    result = AsyncResult(ask["id"], app=app)
    info = result.info
    return {
        "state": result.state,
        "ready": result.ready(),
        "info": info if not isinstance(info, Exception) else repr(info),
        "date_done": str(result.date_done),
        "children": result.children,
        "retries": result.retries,
    }


def store(ask):
    app.backend.store_result(ask["id"], ask["value"], ask["state"])
    return {}


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps({"get": get, "look": look, "store": store}[question["do"]](question)), flush=True)
