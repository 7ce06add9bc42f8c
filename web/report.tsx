import 'uplot/dist/uPlot.min.css';
import './styles/theme.css';
import './styles/page.css';
import './styles/stage.css';
import './styles/reservoir.css';
import './styles/panels.css';
import './styles/chart.css';
import './styles/bytes.css';
import { render } from 'preact';
import { readTrace } from '../src/flow/trace-file.js';
import { run, show } from './player.js';
import { Chart } from './views/chart.js';
import { Header } from './views/header.js';
import { Receives } from './views/receives.js';
import { Stage } from './views/stage.js';
import { Transport } from './views/transport.js';
import { Verdict } from './views/verdict.js';
import { WireBytes } from './views/wire-bytes.js';

/** The report of one transfer: the lab's drawings, from the run that stands in this file. */
function Report() {
  return (
    <>
      <header class="top">
        <h1>
          sluice <em>report</em>
        </h1>
        <p class="subject">{run.value?.facts.url}</p>
      </header>
      <main>
        <Stage />
        <Transport />
        <Chart />
        <div class="panels">
          <Verdict />
          <Receives />
          <WireBytes />
          <Header />
        </div>
      </main>
    </>
  );
}

show(readTrace(document.getElementById('run')!.textContent), false);
render(<Report />, document.getElementById('app')!);
