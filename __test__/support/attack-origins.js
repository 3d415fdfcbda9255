// Origins: those that are none, those that look like a trusted one, and those that only a header
// claims.

/** What `trustedOrigins` may not hold. */
export const NO_ORIGINS = [
  '*', 'https://*', 'https://*.your-app.com', 'https://*your-app.com', 'https://your-app.*',
  '*.your-app.com', '*://your-app.com', 'http*://your-app.com', 'https://your-app.com:*', '.*',
  'https://?.your-app.com', 'https://your-app.com/*', 'https://(a|b).com',
  '^https://your-app.com$',
  '.your-app.com', 'your-app.com', '//your-app.com', 'https:your-app.com',
  'https:/your-app.com',
  'https://your-app.com/x', 'https://your-app.com//', 'https://your-app.com?', 'https://a.com#',
  'https://your-app.com:443', 'http://localhost:80', 'https://user@your-app.com', 'https://',
  'https://a.com,https://b.com', 'https://a.com https://b.com', ' https://a.com',
  'https://a.com ',
  'https://a.com\n', 'https://a\u00ad.com', 'https://\uff41.com', 'https://a%2ecom', 'null', '',
  'javascript:alert(1)', 'file://', 'ftp://a.com', 'data:text/html,x', 'ws://a.com',
  'about:blank',
  'chrome-extension://x', 'https://[::1', 'https://a.com:99999', 'http://0x7f.1',
  'https://a..com*',
  7, null, true, {}, [], /https:.*/, ['https://a.com'],
];

/** A mixed lot to trust. */
export const SEVERAL = [
  'https://admin.your-app.com', 'http://localhost:5173', 'https://a.example:8443',
  'https://xn--mnchen-3ya.example', 'http://[::1]:3000', 'http://127.0.0.1:9000',
];

/** Next to those and to `https://your-app.com`, and not one of them. */
export const OTHERS = [
  'http://admin.your-app.com', 'https://admin.your-app.com:444',
  'https://admin.your-app.com:80',
  'https://xadmin.your-app.com', 'https://x.admin.your-app.com', 'https://admin-your-app.com',
  'https://admin.your-app.com.evil.example', 'https://admin.your-app.como',
  'https://your-app.co',
  'https://admin.your-app.com.', 'https://adminxyour-app.com', 'https://admin.your-app',
  'https://localhost:5173', 'http://localhost:51730', 'http://localhost:517',
  'http://localhost',
  'http://xlocalhost:5173', 'http://localhost.evil.example:5173', 'http://localhost.:5173',
  'http://127.0.0.1:5173', 'http://[::1]:5173', 'https://a.example', 'http://a.example:8443',
  'https://a.example:443', 'https://xa.example:8443', 'https://b.a.example:8443',
  'https://munchen.example', 'https://xn--mnchen-3ya.example.evil', 'http://[::1]:3001',
  'https://[::1]:3000', 'http://[::]:3000', 'http://[::2]:3000', 'http://127.0.0.1:90000',
  'http://127.0.0.2:9000', 'http://localhost:9000', 'http://[::ffff:7f00:1]:9000', 'null',
];

/** Everything by which servers, proxies and frameworks have ever been told another address. */
export const FORGED = [
  ['X-Forwarded-Host', 'evil.example'], ['X-Forwarded-Proto', 'http'], ['X-Forwarded-Port', '81'],
  ['X-Forwarded-Scheme', 'http'], ['X-Forwarded-Ssl', 'off'], ['X-Forwarded-Prefix', '/evil'],
  ['X-Forwarded-Path', '/evil'], ['X-Forwarded-Uri', '/evil'], ['X-Forwarded-Server',
  'evil.example'],
  ['X-Forwarded-For', '203.0.113.66'], ['X-Original-Host', 'evil.example'],
  ['X-Original-URL', '/evil'], ['X-Rewrite-URL', '/evil'], ['X-Host', 'evil.example'],
  ['X-HTTP-Host-Override', 'evil.example'], ['X-Real-Host', 'evil.example'], ['Front-End-Https',
  'off'],
  ['X-Url-Scheme', 'http'], ['X-Proxy-Url', 'https://evil.example'], ['Base-Url', 'evil.example'],
  ['Request-Uri', 'https://evil.example/'], ['X-Original-Forwarded-For', 'evil.example'],
  ['Forwarded', 'for=203.0.113.66;host=evil.example;proto=http;by=evil.example'],
  ['Forwarded', 'host="evil.example"'], ['Via', '1.1 evil.example'], ['Referer',
  'https://evil.example/'],
  ['CF-Visitor', '{"scheme":"http"}'], ['Proxy-Host', 'evil.example'], ['X-Wap-Profile',
  'https://evil'],
];
/** What a `Host` header may claim. */
export const HOSTS = [
  'evil.example', 'evil.example:443', 'your-app.com.evil.example', 'your-app.com@evil.example',
  'evil.example/your-app.com', 'evil.example?x', '[::1]:81', 'localhost', 'YOUR-APP.COM:81', '',
];
