/** The file is not an RRD that can be read or continued here, whatever the damage. */
export class RrdDamaged extends Error {
	override readonly name = 'RrdDamaged';
	readonly path: string;
	/** What is wrong with it, without the path. */
	readonly reason: string;

	constructor(path: string, reason: string) {
		super(`${path}: ${reason}`);
		this.path = path;
		this.reason = reason;
	}
}

/** An update that is not later than the last one. Nothing was written. */
export class RrdTooEarly extends Error {
	override readonly name = 'RrdTooEarly';
	readonly path: string;
	/** Of the refused update, since the epoch. */
	readonly timeSeconds: number;
	/** Of the last update in the file, since the epoch. */
	readonly lastUpdateSeconds: number;

	constructor(path: string, timeSeconds: number, lastUpdateSeconds: number) {
		super(
			`${path}: illegal attempt to update using time ${timeSeconds} when last update time is ` +
				`${lastUpdateSeconds} (minimum one second step)`,
		);
		this.path = path;
		this.timeSeconds = timeSeconds;
		this.lastUpdateSeconds = lastUpdateSeconds;
	}
}

/** There is a file of that name already. Nothing was written. */
export class RrdExists extends Error {
	override readonly name = 'RrdExists';
	readonly path: string;

	constructor(path: string) {
		super(`${path}: exists already; move it away to create a new one`);
		this.path = path;
	}
}

/** The file is a good RRD, but not of the shape that was asked for. Nothing was written. */
export class RrdOtherShape extends Error {
	override readonly name = 'RrdOtherShape';
	readonly path: string;

	constructor(path: string) {
		super(`${path}: has other steps, data sources or archives than expected`);
		this.path = path;
	}
}
