// Asks before what somebody has filled in is lost: a long form (data-unsaved) that one leaves, and a form in a dialog that
// Escape would close. Cancel and Close say by themselves what they do.

const QUESTION = 'Close this without what you have filled in?';

function isChanged(form) {
  return [...form.elements].some((field) => {
    if (field.type === 'hidden' || field.disabled) return false;
    if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
    if (field.tagName === 'SELECT')
      return (
        field.selectedIndex !==
        Math.max(
          0,
          [...field.options].findIndex((one) => one.defaultSelected),
        )
      );
    return 'defaultValue' in field && field.value !== field.defaultValue;
  });
}

let sent = false;
const watched = () => [...document.querySelectorAll('form[data-unsaved]')];

document.addEventListener('submit', () => (sent = true));
window.addEventListener('pageshow', () => (sent = false));
window.addEventListener('beforeunload', (event) => {
  if (!sent && watched().some(isChanged)) event.preventDefault();
});

// It does not bubble.
document.addEventListener(
  'cancel',
  (event) => {
    const forms = [...(event.target.querySelectorAll?.('form') ?? [])];
    if (forms.some(isChanged) && !window.confirm(QUESTION)) event.preventDefault();
  },
  true,
);
