/** Waits until `condition` holds; fails after 10 s, by when on the slowest machine it never will. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > 10_000) throw new Error(`waited 10 s for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
