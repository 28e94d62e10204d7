"""The HTTP side of WHIP and WHEP, for clients in Python."""
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import Request, urlopen


def post_offer(url, sdp):
    """Sends an offer; the answer and the URL of the session."""
    request = Request(url, sdp.encode(), {"Content-Type": "application/sdp"}, method="POST")
    try:
        with urlopen(request, timeout=10) as response:
            return response.read().decode(), urljoin(url, response.headers["Location"])
    except HTTPError as error:
        raise RuntimeError(f"{error.code}: {error.read().decode()}") from None


def end_session(url):
    urlopen(Request(url, method="DELETE"), timeout=10).close()
