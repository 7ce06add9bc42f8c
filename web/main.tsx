import './styles/fonts.css';
import 'uplot/dist/uPlot.min.css';
import './styles/theme.css';
import './styles/page.css';
import './styles/stage.css';
import './styles/reservoir.css';
import './styles/panels.css';
import './styles/chart.css';
import './styles/bytes.css';
import { render } from 'preact';
import { nextTheme, theme } from './theme.js';
import { Actions } from './views/actions.js';
import { Chart } from './views/chart.js';
import { ExperimentHead, Tabs } from './views/experiment.js';
import { Receives } from './views/receives.js';
import { Stage } from './views/stage.js';
import { Transport } from './views/transport.js';
import { Verdict } from './views/verdict.js';
import { WireBytes } from './views/wire-bytes.js';

function Lab() {
  return (
    <>
      <header class="top">
        <h1>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 15c3.5-3.5 6-3.5 9.5 0v13H3z" />
            <path d="M19.5 22c3.5-2.5 6-2.5 9.5 0v6h-9.5z" />
            <rect x="14.4" y="4" width="3.2" height="19" rx="1.2" />
          </svg>
          sluice <em>lab</em>
        </h1>
        <Tabs />
        <button type="button" class="theme" onClick={nextTheme} aria-label={`Theme: ${theme.value}`}>
          <svg class="theme-sign" viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="10" cy="10" r="7" />
            <path d="M10 3a7 7 0 0 1 0 14z" />
          </svg>
          {theme.value}
        </button>
      </header>
      <main>
        <ExperimentHead />
        <Stage />
        <Transport />
        <Chart />
        <div class="panels">
          <Verdict />
          <Receives />
          <WireBytes />
          <Actions />
        </div>
      </main>
    </>
  );
}

render(<Lab />, document.getElementById('app')!);
