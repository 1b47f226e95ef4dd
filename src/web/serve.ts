import type { WebSettings } from '../config/web-setting.ts';
import { declaredFacts } from '../model/facts.ts';
import { factTableOf, type ProbeTable } from '../model/probe.ts';
import { OutcomeStream } from '../outcomes/stream.ts';
import { holderOf } from './access/tokens.ts';
import { TokensFile } from './access/tokens-file.ts';
import { KnownOrders } from './api/known-orders.ts';
import { FeedClient } from './feed/feed-client.ts';
import { Hearing } from './feed/hearing.ts';
import { ArchiveSize } from './metrics/archive-size.ts';
import { beginningInFiles } from './metrics/beginning.ts';
import { MetricsRegistry } from './metrics/registry.ts';
import { pagesOf } from './pages/index.ts';
import { routesOf } from './routes/index.ts';
import { Admission } from './server/admission.ts';
import { openWebServer } from './server/web-server.ts';
import { Summaries } from './summary/summaries.ts';
import type { WebParts } from './web-parts.ts';

export interface WebOptions {
	readonly baseDir: string;
	readonly version: string;
	readonly settings: WebSettings;
	readonly probes: ProbeTable;
	readonly log: WebParts['log'];
	readonly explain: WebParts['explain'];
	readonly isAlone: boolean;
}

export interface RunningWeb {
	/** Where it listens, as URLs. */
	readonly addresses: readonly string[];
	close(): void;
}

/**
 * Serves a base directory: what the daemon tells through its socket, and what the files say. Rejects with a message for
 * the user when it cannot listen.
 */
export async function serveWeb(options: WebOptions): Promise<RunningWeb> {
	const { baseDir, settings, probes, log } = options;
	const stream = new OutcomeStream((subscriber, error) =>
		log.error(`a fault in ${subscriber}, please report it: ${error instanceof Error ? error.stack : error}`),
	);
	const facts = factTableOf(probes);
	const registry = new MetricsRegistry({
		...settings,
		facts,
		commonFacts: new Set(declaredFacts().map(({ name }) => name)),
		beginningOf: (id, pop) => beginningInFiles(baseDir, id, null, pop),
		tooMany: (leftOut) =>
			log.warn(
				`web: series_max (${settings.seriesMax}) leaves ${leftOut} orders without metrics. Make it larger, or scrape in parts with /metrics?orders=`,
			),
	});
	stream.subscribe(registry);
	const orders = new KnownOrders();
	stream.subscribe(orders);
	const summaries = new Summaries(baseDir);
	stream.subscribe(summaries);
	const hearing = new Hearing({
		...{ baseDir, probes, stream, series: registry, isAlone: options.isAlone },
		failed: (error) => log.error(`web: cannot read ${baseDir}: ${(error as Error).message}`),
	});
	const feed = new FeedClient({ baseDir }, hearing);
	const tokensFile = settings.tokensFile === null ? null : new TokensFile(settings.tokensFile, log.warn);
	const tokens = () => tokensFile?.tokens() ?? [];
	const parts: WebParts = {
		...{ ...options, stream, registry, orders, summaries, facts, archive: new ArchiveSize(baseDir) },
		holderOf: (presented) => holderOf(tokens(), presented),
		heard: () => hearing.heard,
	};
	const pages = pagesOf(parts);
	const routes = routesOf(parts, pages);
	const admission = new Admission(settings, tokens, () => Date.now() / 1000);
	try {
		const server = await openWebServer({ settings, routes, admission, log, faultPage: pages.faultPage });
		return {
			addresses: server.addresses,
			close: () => {
				feed.close();
				server.close();
			},
		};
	} catch (error) {
		feed.close();
		throw error;
	}
}
