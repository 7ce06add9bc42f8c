/** A lane's height and the gap beside it, in pixels of the page. */
export const LANE_PX = { lane: 18, gap: 7 } as const;
