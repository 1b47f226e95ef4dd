/** Which time is shown, what changes it, and what the address says of it. */
import type { Moves } from './gestures.ts';
import {
	type Bounds,
	boundsOf,
	fixedRange,
	panned,
	putRange,
	rangeIn,
	type TimeRange,
	zoomed,
} from './time-range.ts';

/** Wheels and fingers ask much oftener than a server should be, or an address can be changed. */
const restMs = 120;

export interface NavigationListener {
	/** Another time is shown: draw what there is. */
	moved(): void;
	/** What is shown now should be loaded. */
	load(): void;
	/** Puts what else the address says. */
	put(query: URLSearchParams): void;
}

export class TimeNavigation {
	range: TimeRange;
	nowSeconds = Date.now() / 1000;
	readonly #first: TimeRange;
	readonly #listener: NavigationListener;
	#loading = 0;
	#address = 0;

	constructor(range: TimeRange, listener: NavigationListener) {
		this.range = range;
		this.#first = range;
		this.#listener = listener;
		addEventListener('popstate', () => {
			this.range = rangeIn(new URLSearchParams(location.search)) ?? this.#first;
			this.tick();
			listener.moved();
			listener.load();
		});
	}

	get bounds(): Bounds {
		return boundsOf(this.range, this.nowSeconds);
	}

	/** Whether it goes on with the time. */
	get isLive(): boolean {
		return this.range.kind === 'last';
	}

	tick(): void {
		this.nowSeconds = Date.now() / 1000;
	}

	/** Shows another time. `isStep`: one that the reader may go back from. */
	go(range: TimeRange, isStep: boolean): void {
		if (JSON.stringify(range) === JSON.stringify(this.range)) return;
		this.range = range;
		this.tick();
		this.keep(isStep);
		this.#listener.moved();
		clearTimeout(this.#loading);
		this.#loading = window.setTimeout(() => this.#listener.load(), isStep ? 0 : restMs);
	}

	select(bounds: Bounds): void {
		this.go(fixedRange(bounds, Date.now() / 1000), true);
	}

	/** Writes the address anew. */
	keep(isStep: boolean): void {
		const url = new URL(location.href);
		putRange(url.searchParams, this.range);
		this.#listener.put(url.searchParams);
		clearTimeout(this.#address);
		if (isStep) history.pushState(null, '', url);
		else this.#address = window.setTimeout(() => history.replaceState(null, '', url), restMs);
	}

	moves(): Moves {
		const to = (bounds: Bounds, isStep: boolean) => this.go(fixedRange(bounds, Date.now() / 1000), isStep);
		return {
			zoom: (factor, aroundSeconds) => {
				const { startSeconds, endSeconds } = this.bounds;
				const around = aroundSeconds ?? (startSeconds + endSeconds) / 2;
				to(zoomed(this.bounds, factor, around), aroundSeconds === null);
			},
			pan: (share) => to(panned(this.bounds, share), true),
			shift: (seconds) => {
				const { startSeconds, endSeconds } = this.bounds;
				const by = Math.min(seconds, Date.now() / 1000 - endSeconds);
				to({ startSeconds: startSeconds + by, endSeconds: endSeconds + by }, false);
			},
			reset: () => this.go(this.#first, true),
			toNow: () => {
				const { startSeconds, endSeconds } = this.bounds;
				const seconds = Math.max(60, Math.round((endSeconds - startSeconds) / 60) * 60);
				this.go({ kind: 'last', seconds }, true);
			},
		};
	}
}
