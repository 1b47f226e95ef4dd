import { isUrl } from '../../model/parse-url.ts';

/**
 * Where Elastic Cloud's id of a deployment says that its Elasticsearch is: `NAME:` and, in base64,
 * `HOST[:PORT]$ELASTICSEARCH[$KIBANA]`. Null when it is nothing of the kind.
 */
export function urlOfCloudId(cloudId: string): string | null {
	const encoded = cloudId.slice(cloudId.lastIndexOf(':') + 1);
	if (!/^[A-Za-z\d+/]{4,1000}={0,2}$/.test(encoded)) return null;
	const [domain = '', id = ''] = Buffer.from(encoded, 'base64').toString('latin1').split('$');
	const [, host, domainPort] = /^([a-z\d][a-z\d.-]{0,253})(?::(\d{1,5}))?$/i.exec(domain) ?? [];
	const [, name, ownPort] = /^([a-z\d][a-z\d-]{0,62})(?::(\d{1,5}))?$/i.exec(id) ?? [];
	if (host === undefined || name === undefined) return null;
	const url = `https://${name}.${host}:${ownPort ?? domainPort ?? 443}`;
	return isUrl(url) ? url : null;
}
