// The menus are <details> and work without this. It closes an open one on Escape and on a press outside.
const open = () => document.querySelectorAll('details[data-menu][open]');

document.addEventListener('click', (event) => {
  for (const menu of open()) {
    const panel = menu.classList.contains('phone-menu') ? document.getElementById('navigation') : null;
    if (!menu.contains(event.target) && !panel?.contains(event.target)) menu.open = false;
  }
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
