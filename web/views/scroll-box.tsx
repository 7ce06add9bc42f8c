import type { ComponentChildren, RefObject } from 'preact';

interface Props {
  readonly name: string;
  /** Its class. */
  readonly look: string;
  readonly box?: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
}

/** A part that scrolls by itself, by keys too. */
export function ScrollBox({ name, look, box, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the keys that scroll.
    <section class={`scroll-box ${look}`} aria-label={name} tabIndex={0} {...(box && { ref: box })}>
      {children}
    </section>
  );
}
