// One user with everything, in each provider's own shape.

const NAME = 'Ada Lovelace';
const EMAIL = 'ada@example.com';
const PICTURE = 'https://img.example.com/ada.png';

export const defaults = {
  google: openid('110169484474386276334'),
  github: {
    userInfo: { id: 583_231, login: 'ada', name: NAME, email: null, avatar_url: PICTURE },
    emails: [
      { email: 'old@example.com', primary: false, verified: true, visibility: null },
      { email: EMAIL, primary: true, verified: true, visibility: 'private' },
    ],
  },
  gitlab: {
    userInfo: {
      id: 1042,
      username: 'ada',
      name: NAME,
      state: 'active',
      email: EMAIL,
      public_email: '',
      confirmed_at: '2024-05-01T00:00:00.000Z',
      avatar_url: PICTURE,
    },
  },
  microsoft: {
    idToken: {
      sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
      oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
      tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      ver: '2.0',
      preferred_username: EMAIL,
      email: EMAIL,
      xms_edov: true,
      name: NAME,
    },
  },
  apple: {
    idToken: {
      sub: '001999.8b1a9953c4611296a827abf8c47804d7.0912',
      email: EMAIL,
      // Seen as a string and as a boolean.
      email_verified: 'true',
      is_private_email: 'false',
    },
    form: { user: { name: { firstName: 'Ada', lastName: 'Lovelace' }, email: EMAIL } },
  },
  discord: {
    userInfo: {
      id: '80351110224678912',
      username: 'ada',
      global_name: NAME,
      discriminator: '0',
      avatar: '8342729096ea3675442027381ff50dfe',
      verified: true,
      email: EMAIL,
    },
  },
  slack: openid('U0R7JM', {
    'https://slack.com/user_id': 'U0R7JM',
    'https://slack.com/team_id': 'T0R7GR',
    'https://slack.com/user_image_512': PICTURE,
  }),
  linkedin: openid('782bbtaQ'),
  twitter: {
    userInfo: {
      data: {
        id: '2244994945',
        name: NAME,
        username: 'ada',
        profile_image_url: 'https://img.example.com/ada_normal.png',
        confirmed_email: EMAIL,
      },
    },
  },
  facebook: {
    userInfo: { id: '10158', name: NAME, email: EMAIL, picture: { data: { url: PICTURE } } },
  },
  notion: {
    token: {
      owner: {
        type: 'user',
        user: {
          object: 'user',
          id: 'e79a0b74-3aba-4149-9f74-0bb5791a6ee6',
          name: NAME,
          avatar_url: PICTURE,
          type: 'person',
          person: { email: EMAIL },
        },
      },
    },
  },
  reddit: {
    userInfo: {
      id: '1w72',
      name: 'ada',
      icon_img: `${PICTURE}?width=256&amp;s=0f`,
      has_verified_email: true,
    },
  },
  twitch: {
    userInfo: {
      data: [
        {
          id: '141981764',
          login: 'ada',
          display_name: NAME,
          email: EMAIL,
          profile_image_url: PICTURE,
        },
      ],
    },
  },
  spotify: {
    userInfo: { id: 'ada', display_name: NAME, email: EMAIL, images: [{ url: PICTURE }] },
  },
  dropbox: {
    userInfo: {
      account_id: 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc',
      name: { display_name: NAME },
      email: EMAIL,
      email_verified: true,
      profile_photo_url: PICTURE,
    },
  },
  zoom: {
    userInfo: {
      id: 'KDcuGIm1QgePTO8WbOqwIQ',
      first_name: 'Ada',
      last_name: 'Lovelace',
      display_name: NAME,
      email: EMAIL,
      verified: 1,
      pic_url: PICTURE,
    },
  },
  figma: { userInfo: { id: '1012', email: EMAIL, handle: NAME, img_url: PICTURE } },
  atlassian: {
    userInfo: {
      account_id: '5b10ac8d82e05b22cc7d4ef5',
      account_type: 'atlassian',
      email: EMAIL,
      email_verified: true,
      name: NAME,
      nickname: 'ada',
      picture: PICTURE,
    },
  },
  yahoo: openid('FSVIDUW3D7FSVIDUW3D72F2F'),
  line: {
    idToken: {
      sub: 'U1234567890abcdef1234567890abcdef',
      name: NAME,
      picture: PICTURE,
      email: EMAIL,
    },
  },
  coinbase: {
    userInfo: { data: { id: '9da7a204', name: NAME, email: EMAIL, avatar_url: PICTURE } },
  },
  tiktok: {
    userInfo: {
      data: {
        user: {
          open_id: '723f24d7-e717-40f8-a2b6-cb8464cd23b4',
          union_id: 'c9c60f44-a68e-4f5d-84dd-ce22faeb0ba1',
          display_name: NAME,
          avatar_url: PICTURE,
        },
      },
    },
  },
  paypal: {
    userInfo: {
      user_id: 'https://www.paypal.com/webapps/auth/identity/user/mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1',
      name: NAME,
      emails: [{ value: EMAIL, primary: true, confirmed: true }],
    },
  },
  salesforce: {
    idToken: { sub: 'https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS' },
    userInfo: {
      sub: 'https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS',
      user_id: '005xx000001Sv6AAAS',
      organization_id: '00Dxx0000000001EAA',
      name: NAME,
      email: EMAIL,
      email_verified: true,
      photos: { picture: PICTURE },
    },
  },
  vk: {
    userInfo: {
      user: {
        user_id: '1234567890',
        first_name: 'Ada',
        last_name: 'Lovelace',
        avatar: PICTURE,
        email: EMAIL,
        verified: false,
      },
    },
  },
  kakao: {
    userInfo: {
      id: 9_007_199_254_740,
      kakao_account: {
        email: EMAIL,
        is_email_valid: true,
        is_email_verified: true,
        profile: { nickname: NAME, profile_image_url: PICTURE },
      },
    },
  },
  naver: {
    userInfo: {
      resultcode: '00',
      message: 'success',
      response: { id: '32742776', email: EMAIL, name: NAME, profile_image: PICTURE },
    },
  },
  huggingface: openid('5ede0dbe8ec6d4b2f1f3a1b2', { preferred_username: 'ada' }),
  roblox: {
    idToken: { sub: '1516563360', name: NAME, nickname: NAME, picture: PICTURE },
  },
  vercel: openid('345e869043f1e55f8bdc837c', { preferred_username: 'ada' }),
  linear: {
    userInfo: {
      data: {
        viewer: { id: '2f1d3c57', name: NAME, email: EMAIL, avatarUrl: PICTURE, active: true },
      },
    },
  },
  railway: { userInfo: { sub: 'usr_01', email: EMAIL, name: NAME, picture: PICTURE } },
  kick: {
    userInfo: {
      data: [{ user_id: 4_377_088, name: NAME, email: EMAIL, profile_picture: PICTURE }],
      message: 'OK',
    },
  },
  wechat: {
    userInfo: {
      openid: 'oLVPpjqs9BhvzwPj5A-vTYAX3GLc',
      unionid: 'o6_bmasdasdsad6_2sgVt7hMZOPfL',
      nickname: NAME,
      headimgurl: PICTURE,
    },
  },
  polar: {
    idToken: {
      sub: '57107b74-8400-4d80-a2fc-54c2b4239cb3',
      email: EMAIL,
      email_verified: true,
    },
  },
  auth0: openid('auth0|507f1f77bcf86cd799439011'),
  okta: openid('00uid4BxXw6I6TV4m0g3'),
  cognito: openid('90901000-60c1-7033-b2d6', { email_verified: 'true', username: 'ada' }),
  'generic-oidc': openid('248289761001'),
};

function openid(sub, more) {
  const usual = { sub, name: NAME, picture: PICTURE, email: EMAIL, email_verified: true };
  return { idToken: { ...usual, ...more } };
}
