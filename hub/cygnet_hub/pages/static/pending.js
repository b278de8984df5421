// Shows on the waiting page what the hub says while it starts the server.
"use strict";

const progress = document.getElementById("progress");
const steps = document.getElementById("steps");
const events = new EventSource(progress.dataset.events);

events.onmessage = (message) => {
  const event = JSON.parse(message.data);
  if (event.ready || event.failed) {
    // The same address then leads to the server, or says why there is none.
    events.close();
    window.location.reload();
    return;
  }
  if (event.progress > 0) {
    progress.value = event.progress;
    const step = document.createElement("li");
    step.textContent = event.message;
    steps.append(step);
  }
};

// A hub that was restarted ends the stream: the page asks again.
events.onerror = () => {
  events.close();
  window.setTimeout(() => window.location.reload(), 2000);
};
