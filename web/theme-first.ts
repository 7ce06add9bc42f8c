import { applyTheme } from './theme.js';

// Before anything is drawn, so that nobody sees the wrong theme first.
applyTheme();
