import type { SetupTools } from '../../model/sink.ts';
import { faultIn, jsonOf, wholeRemedy } from './answers.ts';
import { type Answer, openClient, type Request, type SearchClient } from './client.ts';
import { type Distribution, ilmPolicy, indexTemplate, ismPolicy } from './resources.ts';
import { type ElasticsearchSettings, nameOf } from './settings.ts';

/**
 * Installs what deletes old results, the template of the index, and the data stream or index. What is there already is
 * left alone: somebody may have changed it. Where the server knows no lifecycle, it says so and goes on.
 */
export async function setUp(settings: ElasticsearchSettings, tools: SetupTools): Promise<void> {
	const client = await openClient(settings, tools);
	try {
		await new Setup(client, settings, tools).run();
	} finally {
		client.close();
	}
}

/** Something that is to be there. */
interface Resource {
	/** For people. */
	readonly what: string;
	readonly path: string;
	readonly body: object | null;
}

class Setup {
	readonly #client: SearchClient;
	readonly #settings: ElasticsearchSettings;
	readonly #tools: SetupTools;
	readonly #name: string;

	constructor(client: SearchClient, settings: ElasticsearchSettings, tools: SetupTools) {
		this.#client = client;
		this.#settings = settings;
		this.#tools = tools;
		this.#name = nameOf(settings);
	}

	async run(): Promise<void> {
		const distribution = await this.#distribution();
		const name = encodeURIComponent(this.#name);
		const isStream = this.#settings.index === undefined;
		const hasLifecycle = isStream && (await this.#makeLifecycle(distribution, name));
		if (!isStream) {
			this.#tools.say(
				'lifecycle: none with index:, nothing deletes old results. Write data_stream: for that',
			);
		}
		const body = indexTemplate(this.#settings, this.#name, distribution, hasLifecycle);
		await this.#make({ what: `template ${this.#name}`, path: `/_index_template/${name}`, body });
		const place = isStream
			? { what: `data stream ${this.#name}`, path: `/_data_stream/${name}`, body: null }
			: { what: `index ${this.#name}`, path: `/${name}`, body: null };
		await this.#make(place);
	}

	/** Which server it is, and its version; both are told. */
	async #distribution(): Promise<Distribution> {
		const answer = await this.#ask({ method: 'GET', path: '/' });
		const { version } = (jsonOf(answer.text) ?? {}) as { readonly version?: Record<string, unknown> };
		if (answer.status !== 200 || typeof version?.['number'] !== 'string') throw refusal('GET /', answer);
		const distribution = version['distribution'] === 'opensearch' ? 'opensearch' : 'elasticsearch';
		const shown = distribution === 'opensearch' ? 'OpenSearch' : 'Elasticsearch';
		this.#tools.say(`${answer.url}: ${shown} ${version['number'].slice(0, 40)}`);
		return distribution;
	}

	/** Whether there is one now, or would be. */
	async #makeLifecycle(distribution: Distribution, name: string): Promise<boolean> {
		const [kind, path, body] =
			distribution === 'opensearch'
				? (['ISM', `/_plugins/_ism/policies/${name}`, ismPolicy(this.#settings, this.#name)] as const)
				: (['ILM', `/_ilm/policy/${name}`, ilmPolicy(this.#settings)] as const);
		if (await this.#make({ what: `lifecycle policy ${this.#name} (${kind})`, path, body })) return true;
		this.#tools.say(
			`lifecycle: this server has no ${kind}, nothing rolls over or deletes old results. Do it yourself`,
		);
		return false;
	}

	/** Whether it is there now, or would be: false where the server does not know such a thing. */
	async #make({ what, path, body }: Resource): Promise<boolean> {
		const found = await this.#ask({ method: 'GET', path });
		if (isUnknown(found)) return false;
		if (found.status === 200) {
			this.#tools.say(`${what}: is there already, and is left alone`);
			return true;
		}
		if (found.status !== 404) throw refusal(`GET ${path}`, found);
		const text = body === null ? '' : JSON.stringify(body, null, 2);
		if (this.#tools.isDryRun) {
			this.#tools.say(`${what}: would be made\nPUT ${path}${text === '' ? '' : `\n${text}`}`);
			return true;
		}
		const made = await this.#ask({ method: 'PUT', path, ...(text === '' ? {} : { body: text }) });
		if (isUnknown(made)) return false;
		if (made.status !== 200 && made.status !== 201) throw refusal(`PUT ${path}`, made);
		this.#tools.say(`${what}: made`);
		return true;
	}

	#ask(request: Request): Promise<Answer> {
		return this.#client.ask(request, this.#tools.signal);
	}
}

/** The server has nothing of the kind at that path. */
function isUnknown({ status, text }: Answer): boolean {
	if (status === 405 || status === 410 || status === 501) return true;
	return (status === 400 || status === 404) && /no handler found|api_not_available/.test(text);
}

function refusal(request: string, { status, text, url }: Answer): Error {
	const { said } = faultIn(text);
	const isTaken = /conflicts with (?:existing )?(?:index|alias)|as an alias|already exists/.test(said);
	const remedy = isTaken
		? 'There is an index of that name, made when results were written before this. Rename or delete it'
		: wholeRemedy(status);
	return new Error(
		`${url}: ${request}: HTTP ${status}${said === '' ? '' : `: ${said}`}${remedy === null ? '' : `. ${remedy}`}`,
	);
}
