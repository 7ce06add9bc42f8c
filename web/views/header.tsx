import { run } from '../player.js';
import { ScrollBox } from './scroll-box.js';

/** The response's header, line by line. */
export function Header() {
  const head = run.value?.facts.head;
  return (
    <section class="panel header" aria-labelledby="header-title">
      <header class="panel-head">
        <h2 id="header-title">The header</h2>
        <p class="hint">{head === undefined ? '' : `${head.headerBytes} bytes`}</p>
      </header>
      <ScrollBox name="The response's header" look="lines">
        {head === undefined ? 'No header came.' : head.lines.join('\n')}
      </ScrollBox>
    </section>
  );
}
