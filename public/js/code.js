// Sends a code once its six digits are there, where nothing else is left to fill in. Spaces, as apps show them, are let be.
const WHOLE = /^\d{6}$/;

function sendWhenWhole(field) {
  const { form } = field;
  const others = form.querySelectorAll('input:not([type="hidden"]), select, textarea');
  if (others.length > 1) return;
  let sent = false;
  field.addEventListener('input', () => {
    if (sent || !WHOLE.test(field.value.replaceAll(' ', ''))) return;
    sent = true;
    form.requestSubmit();
  });
}

// A code works once: a second press would only be told so. What is sent must be read from the form first.
function sendOnce(form) {
  const still = (disabled) => {
    for (const button of form.querySelectorAll('button[type="submit"]')) button.disabled = disabled;
  };
  form.addEventListener('submit', () => setTimeout(() => still(true)));
  window.addEventListener('pageshow', () => still(false));
}

document.querySelectorAll('form:has(input[autocomplete="one-time-code"])').forEach(sendOnce);
document.querySelectorAll('input[autocomplete="one-time-code"]').forEach(sendWhenWhole);
