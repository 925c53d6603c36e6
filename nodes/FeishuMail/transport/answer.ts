import type { IDataObject, IN8nHttpFullResponse } from 'n8n-workflow';

/** What Feishu's answer says, whatever its form. */
export interface Answer {
	httpCode: number;
	/** Feishu's own code; 0 is success. Absent where the answer is not Feishu's envelope. */
	code?: number;
	body: IDataObject;
	/** What to quote to Feishu's support. Header `X-Tt-Logid`, the same as `error.log_id`. */
	logId?: string;
	/** Header `x-ogw-ratelimit-reset` as it came: seconds until the quota is free again. */
	quotaReset?: string;
	/** Header `date` as it came: the server's clock. */
	date?: string;
}

/** What an error tells besides its words: n8n shows it below them, whole, and the node's error items carry it. */
export type FailureDetails = {
	code?: number;
	logId?: string;
	httpCode?: number;
	/** The address of Feishu's page about this very request. */
	troubleshooter?: string;
	/** Other addresses that Feishu names, such as the one where a permission can be added. */
	links?: string[];
	/** Feishu's message in both languages, of which the description has the English one. */
	message?: string;
};

export const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const objectsOf = (value: unknown) => (Array.isArray(value) ? value.filter(isObject) : []);

/** The `error` part of Feishu's envelope; most failures have one, the documented rate limit answer has none. */
const errorOf = ({ body }: Pick<Answer, 'body'>) => (isObject(body.error) ? body.error : {});

/** Reads the envelope `{ code, msg, data, error }` that every endpoint of the Open API answers with. */
export function readAnswer(response: IN8nHttpFullResponse): Answer {
	const body = isObject(response.body) ? response.body : {};
	const { log_id, logid } = errorOf({ body });
	return {
		httpCode: response.statusCode,
		code: typeof body.code === 'number' ? body.code : undefined,
		body,
		// The docs' prose calls the id `logid`, answers seen in the wild `log_id`.
		logId: textOf(log_id) ?? textOf(logid) ?? textOf(response.headers['x-tt-logid']),
		quotaReset: textOf(response.headers['x-ogw-ratelimit-reset']),
		date: textOf(response.headers.date),
	};
}

/** Code 0 is a success with HTTP 2xx only: with another status, the answer contradicts itself. */
export const isSuccess = ({ code, httpCode }: Answer) => code === 0 && httpCode >= 200 && httpCode < 300;

/**
 * Whether Feishu may or may not have carried out the request: a server can fail after the work is done, a success
 * without Feishu's envelope was cut off or comes from a proxy, and of a code 0 with a status that says otherwise nobody
 * knows which is right. Trying again may help.
 *
 * @param refusals codes of the endpoint that refuse a request although they come with HTTP 5xx
 */
export const outcomeIsOpen = (answer: Answer, refusals: readonly number[] = []) =>
	(answer.httpCode >= 500 && !refusals.includes(answer.code ?? 0)) ||
	(answer.code === 0 && !isSuccess(answer)) ||
	(answer.code === undefined && answer.httpCode < 300);

/** The permissions that Feishu names as missing: live answers hold `subject`, the docs' prose `scope`. */
export function missingScopes(answer: Answer): string[] {
	return objectsOf(errorOf(answer).permission_violations)
		.map(({ subject, scope }) => textOf(subject) ?? textOf(scope))
		.filter((scope) => scope !== undefined);
}

/** Characters of a message: a proxy may put a whole page there. */
const LONGEST = 2000;

/** How many fields are named of those that Feishu complains about: each of a mail's recipients may be one. */
const MOST_FIELDS = 20;

/** A text of an answer that may hold what was sent, such as a whole mail. */
function inShort(value: unknown): string | undefined {
	const text = textOf(value);
	return text !== undefined && text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const LINK = /https?:\/\/[^\s"'<>，。）]+/g;

const saidIn = ({ body }: Answer) =>
	(textOf(body.msg) ?? textOf(errorOf({ body }).message) ?? textOf(body.error_description))?.slice(
		0,
		LONGEST,
	);

/** A message without its links, which are wider than the box in which n8n shows it and are among the details. */
const withoutLinks = (said: string) => said.replace(LINK, '...');

/** The English half of a message that Feishu says in English and then once more in Chinese; any other whole. */
const inEnglish = (said: string) => /^(\P{Script=Han}+)\.\s*\p{Script=Han}/u.exec(said)?.[1] ?? said;

/** What an answer says besides its words. */
export function detailsOf(answer: Answer): FailureDetails {
	const { code, logId, httpCode } = answer;
	const { troubleshooter, helps } = errorOf(answer);
	const said = saidIn(answer) ?? '';
	const told = textOf(troubleshooter);
	const links = [...(said.match(LINK) ?? []), ...objectsOf(helps).map(({ url }) => textOf(url))];
	return {
		code,
		logId,
		httpCode,
		// The address comes with words: "排查建议查看(Troubleshooting suggestions): https://..."
		...(told && { troubleshooter: told.match(LINK)?.[0] ?? told }),
		...(links.some(Boolean) && { links: [...new Set(links.filter((link) => link !== undefined))] }),
		...(inEnglish(said) !== said && { message: withoutLinks(said) }),
	};
}

/** Feishu's own words in short: message, code, log id, and the fields and permissions it complains about. */
export function describeAnswer(answer: Answer): string {
	const error = errorOf(answer);
	const reference = [
		answer.code !== undefined && `code ${answer.code}`,
		`HTTP ${answer.httpCode}`,
		answer.logId && `log id ${answer.logId}`,
	].filter(Boolean);
	const violations = objectsOf(error.field_violations);
	const fields = violations
		.slice(0, MOST_FIELDS)
		.map(
			({ field, description, value }) =>
				`Field ${inShort(field) ?? 'unknown'}: ${inShort(description) ?? 'refused'}${inShort(value) ? ` (value: ${inShort(value)})` : ''}.`,
		);
	const scopes = missingScopes(answer);
	const said = saidIn(answer);
	return [
		`Feishu's answer: ${said ? withoutLinks(inEnglish(said)) : 'no message'} (${reference.join(', ')}).`,
		...fields,
		...(violations.length > fields.length ? [`And ${violations.length - fields.length} more fields.`] : []),
		...(scopes.length ? [`Missing permission: ${scopes.join(', ')}.`] : []),
	].join('\n');
}
