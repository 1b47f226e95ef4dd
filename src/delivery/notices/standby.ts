/** Whether another hub tells in our place. */
export interface Standby {
	readonly isOn: boolean;
	/** What waited by then was told by the other that told until now. Milliseconds since the epoch. */
	readonly toldUntilMs: number;
}

export const noStandby: Standby = { isOn: false, toldUntilMs: 0 };

/** So long messages are kept meanwhile: by then it is known whether the other lives. */
export const keptMs = 90_000;
