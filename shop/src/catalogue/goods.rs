//! The goods themselves.

use super::{Fact, Good, Kind};

/// Everything that the shop sells, in the order of the shelves.
pub static GOODS: [Good; 8] = [
    Good {
        slug: "first-flush",
        kind: Kind::Tea,
        price_won: 38_000,
        tile: "moss",
        name: ["첫물 우전 녹차", "First Flush Ujeon", "初摘み雨前緑茶"],
        line: [
            "곡우 전에 딴 여린 순, 하동",
            "Tender spring buds from Hadong",
            "穀雨前に摘んだ新芽、河東産",
        ],
        story: &[
            [
                "곡우가 오기 전, 지리산 자락 하동에서 손으로 딴 첫 순입니다. 무쇠솥에 아홉 번 덖어 풋내를 걷어 내고 구수한 단맛만 남겼습니다.",
                "Hand-picked at the foot of Jirisan before the spring rains, then pan-fired nine times until only the sweetness is left.",
                "穀雨の前、智異山のふもと河東で手摘みした最初の新芽です。鉄釜で九回炒り上げ、青みを抜いて香ばしい甘みだけを残しました。",
            ],
            [
                "한 김 식힌 물에 천천히 우려 보세요. 세 번째 잔까지 맛이 이어집니다.",
                "Brew it slowly in water that has cooled a little. It holds up to a third cup.",
                "少し冷ましたお湯でゆっくり淹れてください。三煎目まで味わいが続きます。",
            ],
        ],
        facts: &[
            Fact {
                label: ["용량", "Net weight", "内容量"],
                value: ["40g (약 20잔)", "40 g (about 20 cups)", "40g（約20杯分）"],
            },
            Fact {
                label: ["원산지", "Origin", "産地"],
                value: ["경상남도 하동", "Hadong, South Gyeongsang", "慶尚南道 河東"],
            },
            Fact {
                label: ["우리는 법", "To brew", "淹れ方"],
                value: ["70℃ · 2g · 1분", "70 °C · 2 g · 1 min", "70℃・2g・1分"],
            },
        ],
    },
    Good {
        slug: "roasted-hojicha",
        kind: Kind::Tea,
        price_won: 16_000,
        tile: "sand",
        name: ["제주 볶은 호지차", "Jeju Roasted Hojicha", "済州ほうじ茶"],
        line: [
            "저녁에도 편안한 구수함",
            "Toasty, and gentle enough for evenings",
            "夜にもやさしい香ばしさ",
        ],
        story: &[[
            "제주 한라산 중턱에서 자란 찻잎을 센 불에 볶았습니다. 카페인이 적어 저녁에 마시기 좋고, 우유와도 잘 어울립니다.",
            "Leaves from the slopes of Hallasan, roasted over a high flame. Low in caffeine, lovely in the evening, and a friend of milk.",
            "済州・漢拏山の中腹で育った茶葉を強火で焙じました。カフェインが少なく夜にも楽しめ、ミルクともよく合います。",
        ]],
        facts: &[
            Fact {
                label: ["용량", "Net weight", "内容量"],
                value: ["80g (약 26잔)", "80 g (about 26 cups)", "80g（約26杯分）"],
            },
            Fact {
                label: ["원산지", "Origin", "産地"],
                value: ["제주 서귀포", "Seogwipo, Jeju", "済州 西帰浦"],
            },
            Fact {
                label: ["우리는 법", "To brew", "淹れ方"],
                value: ["95℃ · 3g · 2분", "95 °C · 3 g · 2 min", "95℃・3g・2分"],
            },
        ],
    },
    Good {
        slug: "buckwheat-tea",
        kind: Kind::Tea,
        price_won: 9_800,
        tile: "butter",
        name: ["봉평 메밀차", "Bongpyeong Buckwheat Tea", "蓬坪そば茶"],
        line: [
            "물처럼 마시는 고소한 한 잔",
            "A nutty cup to drink all day",
            "毎日飲みたい香ばしい一杯",
        ],
        story: &[[
            "봉평에서 거둔 통메밀을 껍질째 볶아 티백에 담았습니다. 카페인이 없어 온 가족이 물 대신 마시기 좋습니다.",
            "Whole buckwheat from Bongpyeong, roasted in its hull and packed in tea bags. No caffeine: everyone at home can drink it.",
            "蓬坪で収穫したそばの実を殻ごと焙煎し、ティーバッグに詰めました。ノンカフェインなので、ご家族みなさまでどうぞ。",
        ]],
        facts: &[
            Fact {
                label: ["용량", "Contents", "内容量"],
                value: ["티백 20개 (30g)", "20 tea bags (30 g)", "ティーバッグ20個（30g）"],
            },
            Fact {
                label: ["원산지", "Origin", "産地"],
                value: ["강원도 평창 봉평", "Bongpyeong, Gangwon", "江原道 平昌 蓬坪"],
            },
            Fact {
                label: ["우리는 법", "To brew", "淹れ方"],
                value: ["100℃ · 1개 · 3분", "100 °C · 1 bag · 3 min", "100℃・1個・3分"],
            },
        ],
    },
    Good {
        slug: "citron-tea",
        kind: Kind::Tea,
        price_won: 14_500,
        tile: "rose",
        name: ["고흥 유자차", "Goheung Citron Tea", "高興ゆず茶"],
        line: ["유자를 듬뿍, 설탕은 덜", "More citron, less sugar", "ゆずたっぷり、甘さひかえめ"],
        story: &[[
            "고흥 유자를 껍질째 얇게 썰어 재웠습니다. 유자 함량을 70%로 높이고 설탕은 줄여 끝맛이 깔끔합니다.",
            "Goheung citron, sliced thin with its peel. Seventy percent fruit and less sugar, so it finishes clean.",
            "高興産のゆずを皮ごと薄切りにして漬け込みました。ゆずの割合を70％に高め、砂糖を減らしたすっきりした後味です。",
        ]],
        facts: &[
            Fact { label: ["용량", "Net weight", "内容量"], value: ["480g", "480 g", "480g"] },
            Fact {
                label: ["원산지", "Origin", "産地"],
                value: ["전라남도 고흥", "Goheung, South Jeolla", "全羅南道 高興"],
            },
            Fact {
                label: ["보관", "Keep", "保存"],
                value: ["개봉 후 냉장", "Refrigerate after opening", "開封後は要冷蔵"],
            },
        ],
    },
    Good {
        slug: "celadon-cup",
        kind: Kind::Ware,
        price_won: 32_000,
        tile: "sky",
        name: ["비색 청자 찻잔", "Celadon Tea Cup", "翡色青磁の茶杯"],
        line: [
            "손안에 담기는 맑은 비색",
            "A clear jade green that fits the palm",
            "手のひらに収まる澄んだ翡色",
        ],
        story: &[[
            "강진에서 빚은 청자 찻잔입니다. 유약 아래로 구름무늬를 상감해 차를 따르면 무늬가 은은하게 떠오릅니다.",
            "Thrown in Gangjin, with clouds inlaid beneath the glaze. Pour tea, and they rise to the surface.",
            "康津でつくられた青磁の茶杯です。釉薬の下に雲文を象嵌し、お茶を注ぐと文様がほのかに浮かび上がります。",
        ]],
        facts: &[
            Fact {
                label: ["크기", "Size", "サイズ"],
                value: ["지름 8.5cm · 180mL", "8.5 cm across · 180 mL", "直径8.5cm・180mL"],
            },
            Fact {
                label: ["만든 곳", "Made in", "製造地"],
                value: ["전라남도 강진", "Gangjin, South Jeolla", "全羅南道 康津"],
            },
            Fact {
                label: ["관리", "Care", "お手入れ"],
                value: ["식기세척기 사용 가능", "Dishwasher safe", "食洗機対応"],
            },
        ],
    },
    Good {
        slug: "moon-jar-teapot",
        kind: Kind::Ware,
        price_won: 78_000,
        tile: "dusk",
        name: ["달항아리 찻주전자", "Moon Jar Teapot", "白磁タルハンアリ急須"],
        line: [
            "보름달을 닮은 백자 주전자",
            "White porcelain, round as a full moon",
            "満月のような白磁の急須",
        ],
        story: &[[
            "위아래를 따로 빚어 이어 붙이는 달항아리 방식으로 만들었습니다. 그래서 저마다 둥근 모양이 조금씩 다릅니다.",
            "Two bowls, thrown apart and joined, as moon jars have always been made. No two are round in the same way.",
            "上下を別々に挽いて継ぎ合わせる、タルハンアリ（満月壺）の技法でつくりました。そのため丸みが一つひとつ異なります。",
        ]],
        facts: &[
            Fact {
                label: ["크기", "Size", "サイズ"],
                value: ["높이 13cm · 450mL", "13 cm tall · 450 mL", "高さ13cm・450mL"],
            },
            Fact {
                label: ["만든 곳", "Made in", "製造地"],
                value: ["경기도 이천", "Icheon, Gyeonggi", "京畿道 利川"],
            },
            Fact {
                label: ["구성", "Contents", "セット内容"],
                value: ["주전자, 거름망", "Teapot and strainer", "急須、茶こし"],
            },
        ],
    },
    Good {
        slug: "yakgwa",
        kind: Kind::Sweets,
        price_won: 12_000,
        tile: "butter",
        name: ["개성 약과", "Gaeseong Yakgwa", "開城ヤックァ（薬菓）"],
        line: [
            "겹겹이 바삭, 조청에 촉촉",
            "Crisp layers, soaked in rice syrup",
            "幾重にもサクサク、水あめでしっとり",
        ],
        story: &[[
            "반죽을 여러 번 접어 겹을 내고 낮은 온도에서 천천히 튀겼습니다. 생강을 넣은 조청에 하루 재워 속까지 촉촉합니다.",
            "Folded into layers, fried slowly, and left for a day in rice syrup with ginger.",
            "生地を何度も折って層をつくり、低温でじっくり揚げました。しょうが入りの水あめに一日漬け、中までしっとりしています。",
        ]],
        facts: &[
            Fact {
                label: ["용량", "Contents", "内容量"],
                value: ["8개 (320g)", "8 pieces (320 g)", "8個（320g）"],
            },
            Fact {
                label: ["알레르기", "Allergens", "アレルゲン"],
                value: ["밀, 참깨", "Wheat, sesame", "小麦、ごま"],
            },
            Fact {
                label: ["소비기한", "Best within", "消費期限"],
                value: ["받은 날부터 20일", "20 days of delivery", "お届けから20日"],
            },
        ],
    },
    Good {
        slug: "chestnut-yanggaeng",
        kind: Kind::Sweets,
        price_won: 15_000,
        tile: "moss",
        name: ["공주 밤양갱", "Chestnut Yanggaeng", "公州 栗ようかん"],
        line: [
            "통밤이 씹히는 부드러운 양갱",
            "Soft red bean jelly with whole chestnuts",
            "栗がごろっと入ったなめらかなようかん",
        ],
        story: &[[
            "공주 밤을 통째로 넣고 국산 팥앙금으로 굳혔습니다. 한 입 크기로 낱개 포장해 차에 곁들이기 좋습니다.",
            "Whole chestnuts from Gongju, set in Korean red bean. Wrapped one by one, the right size beside a cup.",
            "公州産の栗を丸ごと入れ、韓国産の小豆あんで固めました。食べきりサイズの個包装で、お茶のお供にぴったりです。",
        ]],
        facts: &[
            Fact {
                label: ["용량", "Contents", "内容量"],
                value: ["6개 (300g)", "6 pieces (300 g)", "6個（300g）"],
            },
            Fact {
                label: ["알레르기", "Allergens", "アレルゲン"],
                value: ["해당 없음", "None", "該当なし"],
            },
            Fact {
                label: ["소비기한", "Best within", "消費期限"],
                value: ["받은 날부터 30일", "30 days of delivery", "お届けから30日"],
            },
        ],
    },
];
