import { connectionFailure } from '../../nodes/FeishuMail/transport/connectionFailure';

const wrapped = (code: string) =>
	new Error('n8n', { cause: new Error('axios', { cause: Object.assign(new Error('node'), { code }) }) });

describe('connectionFailure', () => {
	it.each([
		'ECONNREFUSED',
		'ENOTFOUND',
		'EAI_AGAIN',
		'EHOSTUNREACH',
		'CERT_HAS_EXPIRED',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
	])('%s: the request was never sent', (code) => {
		expect(connectionFailure(wrapped(code))).toMatchObject({ code, neverSent: true });
	});

	it.each(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED', 'SOMETHING_NEW'])(
		'%s: Feishu may have received the request',
		(code) => {
			expect(connectionFailure(wrapped(code))).toMatchObject({ code, neverSent: false });
		},
	);

	it.each([undefined, null, 'text', new Error('no code'), {}])('%p: may have been received', (error) => {
		expect(connectionFailure(error)).toEqual({
			reason: 'The connection to the server failed',
			code: undefined,
			neverSent: false,
		});
	});
});
