"use strict";

const form = document.getElementById("sign");
const answer = document.getElementById("answer");

async function send(path, body) {
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  try {
    const response = await fetch(form.dataset.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) return location.reload();
    answer.textContent = (await response.json()).detail;
  } catch {
    answer.textContent = "That did not get through. Please try again.";
  }
  for (const button of form.querySelectorAll("button")) button.disabled = false;
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send("", { name: form.elements.name.value, agreed: form.elements.agreed.checked });
  });
  document.getElementById("decline").addEventListener("click", () => send("/decline", {}));
}
