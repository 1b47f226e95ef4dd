/** The pictures of an order, and what is loaded for them. */
import { addGestures } from './gestures.ts';
import { boundOf, type HeatWidth, heatMapOf, usualWidth } from './heat-model.ts';
import { fetchHistograms, fetchSmoke, type Histograms, type OrderMark } from './order-data.ts';
import { heatPlot, lossPlot, type Shown, smokePlot } from './order-plots.ts';
import { type Fit, heightOf } from './smoke-model.ts';
import { onThemeChange } from './theme.ts';
import { TimeNavigation } from './time-navigation.ts';
import type { TimePlot } from './time-plot.ts';
import type { Bounds, TimeRange } from './time-range.ts';

export interface GraphHosts {
	readonly smoke: HTMLElement;
	readonly loss: HTMLElement;
	/** Null: the page has no heatmap. */
	readonly heat: HTMLElement | null;
}

export interface GraphSettings {
	readonly id: string;
	/** Other orders in the heatmap. */
	readonly others: readonly string[];
	readonly range: TimeRange;
	readonly fit: Fit;
	/** Null: what suits the span. */
	readonly heatWidth: HeatWidth | null;
	readonly marks: readonly OrderMark[];
	/** Since when it is measured, since the epoch; null: not known. */
	readonly sinceSeconds: number | null;
	/** Whether there is something to be loaded already. */
	readonly isMeasured: boolean;
}

export interface GraphListener {
	/** What is shown is another, or has changed. */
	changed(graphs: OrderGraphs): void;
	/** The cursor is at a time; null: it is away. */
	pointed(graphs: OrderGraphs, seconds: number | null): void;
	/** Something could not be loaded; null: it can again. */
	trouble(message: string | null): void;
}

export class OrderGraphs {
	readonly shown: Shown;
	readonly settings: GraphSettings;
	readonly time: TimeNavigation;
	fit: Fit;
	heatWidth: HeatWidth | null;
	readonly #listener: GraphListener;
	readonly #smoke: TimePlot;
	readonly #loss: TimePlot;
	readonly #heat: TimePlot | null;
	#histories: readonly Histograms[] = [];
	#loading: AbortController | null = null;

	constructor(settings: GraphSettings, hosts: GraphHosts, listener: GraphListener) {
		this.settings = settings;
		this.fit = settings.fit;
		this.heatWidth = settings.heatWidth;
		this.#listener = listener;
		this.time = new TimeNavigation(settings.range, {
			moved: () => this.draw(),
			load: () => void this.load(),
			put: (query) => this.#put(query),
		});
		this.shown = { smoke: null, heat: null, marks: settings.marks, nowSeconds: this.time.nowSeconds };
		const events = {
			selected: (bounds: Bounds) => this.time.select(bounds),
			pointed: (seconds: number | null) => listener.pointed(this, seconds),
		};
		this.#smoke = smokePlot(hosts.smoke, this.shown, events);
		this.#loss = lossPlot(hosts.loss, this.shown, events);
		this.#heat = hosts.heat === null ? null : heatPlot(hosts.heat, this.shown, events);
		for (const plot of [this.#smoke, this.#loss, ...(this.#heat === null ? [] : [this.#heat])])
			addGestures(plot, this.time.moves());
		onThemeChange(() => this.draw());
		this.draw();
		// The server says 404 where there is nothing, which browsers tell as an error.
		if (settings.isMeasured) void this.load();
	}

	get canvases(): readonly HTMLCanvasElement[] {
		return [this.#smoke.canvas, this.#loss.canvas];
	}

	get widthOfHeat(): HeatWidth {
		const { startSeconds, endSeconds } = this.time.bounds;
		return this.heatWidth ?? usualWidth(endSeconds - startSeconds);
	}

	/** Other heights or columns. */
	look(fit: Fit, heatWidth: HeatWidth | null): void {
		this.fit = fit;
		this.heatWidth = heatWidth;
		this.time.keep(false);
		this.#mapHeat();
		this.draw();
	}

	/** There may be something new. */
	async load(): Promise<void> {
		this.#loading?.abort();
		this.#loading = new AbortController();
		const { signal } = this.#loading;
		const { id, others } = this.settings;
		this.time.tick();
		const { bounds } = this.time;
		try {
			const ids = this.#heat === null ? [] : [id, ...others];
			const [smoke, ...histories] = await Promise.all([
				fetchSmoke(id, bounds, this.#smoke.insideWidth * Math.min(2, devicePixelRatio), signal),
				...ids.map((each) => fetchHistograms(each, widened(bounds), signal)),
			]);
			const { sinceSeconds } = this.settings;
			this.shown.smoke =
				smoke === null || smoke === undefined || sinceSeconds === null
					? (smoke ?? null)
					: { ...smoke, sinceSeconds };
			this.#histories = histories.map((history) => history ?? { hours: [], days: [] });
			this.#mapHeat();
			this.#listener.trouble(null);
			this.draw();
		} catch (error) {
			if (!signal.aborted) this.#listener.trouble((error as Error).message);
		}
	}

	draw(): void {
		const { shown } = this;
		const { bounds } = this.time;
		const { smoke, heat } = shown;
		shown.nowSeconds = this.time.nowSeconds;
		const rowAt = (seconds: number) =>
			smoke === null ? 0 : Math.floor((seconds - smoke.startSeconds) / smoke.stepSeconds);
		const height =
			smoke === null
				? 0
				: heightOf(smoke, rowAt(bounds.startSeconds), rowAt(bounds.endSeconds) + 1, this.fit);
		this.#smoke.show(bounds, 0, height || 0.001);
		this.#loss.show(bounds, 0, 1);
		const [low, high] =
			heat === null
				? [0.001, 1]
				: [boundOf(heat.lowest - 2, heat.schema), boundOf(heat.highest + 1, heat.schema)];
		this.#heat?.show(bounds, low, high);
		this.#listener.changed(this);
	}

	#mapHeat(): void {
		this.shown.heat = heatMapOf(this.#histories, this.widthOfHeat, widened(this.time.bounds));
	}

	#put(query: URLSearchParams): void {
		if (this.fit === 'all') query.set('fit', 'all');
		else query.delete('fit');
		if (this.heatWidth === null) query.delete('heat');
		else query.set('heat', this.heatWidth);
	}
}

/** A column at the edge is shown whole. */
function widened({ startSeconds, endSeconds }: Bounds): Bounds {
	return { startSeconds: startSeconds - 7 * 86_400, endSeconds };
}
