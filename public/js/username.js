// Proposes a username from the address while that is typed, until somebody types one of their own. Without it the
// server proposes the same when the form is sent with none.
const username = document.getElementById('field-username');
const email = document.getElementById('field-email');
let own = username.value !== '';

username.addEventListener('input', () => (own = username.value !== ''));
email.addEventListener('input', () => {
  if (own) return;
  const [before] = email.value.normalize('NFKC').split('@');
  username.value = before
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '')
    .slice(0, 64);
});
