// Sets the chosen theme before the first paint and keeps the choice. Without one, the system's is followed.
(() => {
  const root = document.documentElement, KEY = 'theme';
  const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const wear = theme => { if (theme === 'light' || theme === 'dark') root.dataset.theme = theme; else delete root.dataset.theme; };
  const shown = () => root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

  function tell() {                                      // the preferences say which one is worn
    for (const button of document.querySelectorAll('.choice-button[data-theme]')) button.setAttribute('aria-pressed', String(button.dataset.theme === (root.dataset.theme ?? 'auto')));
  }

  wear(remembered());
  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-theme-toggle], button[data-theme]');
    if (!button) return;
    const next = button.dataset.theme ?? (shown() === 'dark' ? 'light' : 'dark');
    wear(next);
    tell();
    try { if (next === 'auto') localStorage.removeItem(KEY); else localStorage.setItem(KEY, next); } catch { /* a browser that stores nothing keeps the theme for this page */ }
  });
  addEventListener('storage', event => { if (event.key === KEY) { wear(event.newValue); tell(); } });
  for (const event of ['DOMContentLoaded', 'htmx:after:swap']) document.addEventListener(event, tell);
})();
