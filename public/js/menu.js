// The menus are <details> and work without this. It closes an open one on Escape, on a press outside, and as the focus
// goes on to what the menu would cover.
const open = () => document.querySelectorAll('details[data-menu][open]');

function leaveFor(target, byFocus) {
  for (const menu of open()) {
    const phone = menu.classList.contains('phone-menu');
    // What the phone's opens comes after the rest of the bar.
    const isOfIt =
      phone &&
      (document.getElementById('navigation')?.contains(target) || (byFocus && target.closest('.topbar') !== null));
    if (!menu.contains(target) && !isOfIt) menu.open = false;
  }
}

document.addEventListener('click', (event) => leaveFor(event.target, false));
document.addEventListener('focusin', (event) => leaveFor(event.target, true));

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
