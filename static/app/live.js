// Live updates are hints: {"topic": "job-…"} over the websocket becomes the event "live:job-…" on the body, and whatever
// shows that job reads itself again. As soon as the socket is open the server tells what was hinted since this page was
// begun (its time stands in the address); where it does not know that any more, and every few seconds while the socket
// is away, "resync" asks every live region to read itself again: what was missed meanwhile costs nothing.
const SIGNED_OUT = 4401;
const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;
const QUIET = 3000;
const POLL = 5000;
const LEAVING = 10000;

const address = document.body.dataset.liveUrl;
const notice = document.getElementById("conn");
let socket = null;
let tries = 0;
let silence = 0;
let polling = 0;
let retry = 0;
let leaving = false;

const say = (event) => window.htmx?.trigger(document.body, event);
const resync = () => say("resync");

function recovered() {
  clearTimeout(silence);
  clearInterval(polling);
  silence = polling = 0;
  tries = 0;
  if (notice) notice.hidden = true;
  document.body.dataset.live = "on";
}

function away() {
  if (notice) notice.hidden = false;
  resync();
  polling = setInterval(() => document.hidden || resync(), POLL);
}

function lost(event) {
  socket = null;
  document.body.dataset.live = "off";
  if (event.code === SIGNED_OUT) {
    if (!leaving) location.reload();
    return;
  }
  silence ||= setTimeout(away, QUIET);
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries++) * (0.5 + Math.random() / 2);
  clearTimeout(retry);
  retry = setTimeout(connect, wait);
}

function connect() {
  if (socket) return;
  clearTimeout(retry);
  const { protocol, host } = location;
  socket = new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}${address}`);
  socket.addEventListener("open", recovered);
  socket.addEventListener("close", lost);
  socket.addEventListener("message", (event) => {
    const { topic } = JSON.parse(event.data);
    if (topic === "resync") resync();
    else if (/^[\w-]+$/.test(topic)) say(`live:${topic}`);
  });
}

if (address) {
  connect();
  addEventListener("online", connect);
  // Signing out closes the socket before its answer is there: loading the page again would break that answer off.
  addEventListener("beforeunload", () => {
    leaving = true;
    setTimeout(() => (leaving = false), LEAVING);
  });
  document.addEventListener("visibilitychange", () => document.hidden || connect());
  // A page kept in the back-forward cache shows what was true when it was left.
  addEventListener("pageshow", (event) => event.persisted && resync());
}
