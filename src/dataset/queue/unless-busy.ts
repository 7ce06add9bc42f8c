/** Does `act`, unless it is still at it. */
export function unlessBusy(act: () => Promise<void>, onFailure: (error: unknown) => void): () => void {
  let isBusy = false;
  return () => {
    if (isBusy) return;
    isBusy = true;
    act()
      .catch(onFailure)
      .finally(() => {
        isBusy = false;
      });
  };
}
