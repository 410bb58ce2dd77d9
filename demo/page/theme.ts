const key = 'millrace-theme';

/** Lets the reader choose between light, dark, and what the system says. */
export function bindTheme(fieldset: HTMLElement): void {
  const inputs = [...fieldset.querySelectorAll('input')];
  const show = (theme: string): void => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  const saved = read();
  for (const input of inputs) {
    if (input.value === saved) input.checked = true;
    input.addEventListener('change', () => {
      show(input.value);
      write(input.value);
    });
  }
  show(inputs.find((input) => input.checked)!.value);
}

function read(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden
  }
}

function write(theme: string): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // then it holds for this visit
  }
}
