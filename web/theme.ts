import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const KEY = 'sluice-theme';

/** What was chosen; 'auto': as the system has it. */
export const theme = signal<Theme>(stored());

export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (theme.value === 'auto') delete dataset.theme;
  else dataset.theme = theme.value;
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
  applyTheme();
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
}

function stored(): Theme {
  try {
    return THEMES.find((name) => name === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto'; // As above.
  }
}
