// Sets the chosen theme before the first paint and keeps the choice. Without one, the system's is followed.
(() => {
  const root = document.documentElement, KEY = 'theme';
  const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const wear = theme => { if (theme === 'light' || theme === 'dark') root.dataset.theme = theme; else delete root.dataset.theme; };
  const shown = () => root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

  wear(remembered());
  document.addEventListener('click', event => {
    if (!event.target.closest?.('[data-theme-toggle]')) return;
    const next = shown() === 'dark' ? 'light' : 'dark';
    wear(next);
    try { localStorage.setItem(KEY, next); } catch { /* a browser that stores nothing keeps the theme for this page */ }
  });
  addEventListener('storage', event => { if (event.key === KEY) wear(event.newValue); });
})();
