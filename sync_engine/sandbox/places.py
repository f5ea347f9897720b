"""Where buyers live: a compact table of real provinces, cities and districts, with the gaps real addresses have.

A line is `province weight|city:district,district|...`. `-` for a city means the receiver's city is missing (counties
directly under a province); `-` for a district means the district is missing (cities without districts).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_TABLE = """
浙江省 10|杭州市:余杭区,西湖区,滨江区,萧山区,临平区,建德市|宁波市:鄞州区,海曙区,慈溪市,余姚市|温州市:鹿城区,瑞安市,乐清市|金华市:婺城区,义乌市,东阳市|嘉兴市:南湖区,海宁市,桐乡市|绍兴市:越城区,诸暨市
江苏省 10|南京市:鼓楼区,江宁区,建邺区|苏州市:姑苏区,昆山市,常熟市,张家港市,太仓市|无锡市:滨湖区,江阴市,宜兴市|南通市:崇川区,启东市,海门区|徐州市:云龙区,邳州市|常州市:武进区,溧阳市
广东省 12|广州市:天河区,番禺区,白云区,增城区|深圳市:南山区,福田区,龙岗区,宝安区|佛山市:顺德区,南海区|东莞市:-|中山市:-|惠州市:惠城区,博罗县|汕头市:龙湖区,潮阳区|湛江市:赤坎区,廉江市
上海 6|上海市:浦东新区,闵行区,徐汇区,松江区,宝山区,崇明区|-:静安区
北京 6|北京市:朝阳区,海淀区,丰台区,通州区,昌平区,密云区|-:东城区
天津 2|天津市:南开区,滨海新区,武清区,河西区
重庆 4|重庆市:渝中区,江北区,渝北区,九龙坡区,云阳县,秀山土家族苗族自治县
山东省 7|济南市:历下区,章丘区|青岛市:市南区,黄岛区,即墨区,胶州市|烟台市:芝罘区,龙口市|潍坊市:奎文区,寿光市,诸城市|临沂市:兰山区,沂水县
河南省 6|郑州市:金水区,二七区,新郑市,巩义市|洛阳市:洛龙区,伊川县|南阳市:宛城区,邓州市|-:济源市
河北省 5|石家庄市:长安区,正定县,辛集市|保定市:莲池区,定州市,涿州市|唐山市:路北区,迁安市|雄安新区:-
四川省 6|成都市:武侯区,锦江区,双流区,都江堰市,简阳市|绵阳市:涪城区,江油市|凉山彝族自治州:西昌市,会理市|甘孜藏族自治州:康定市,稻城县
湖北省 5|武汉市:洪山区,江汉区,黄陂区|宜昌市:西陵区,宜都市|襄阳市:樊城区,枣阳市|-:仙桃市|-:潜江市|-:天门市|-:神农架林区
湖南省 5|长沙市:岳麓区,雨花区,浏阳市,宁乡市|株洲市:天元区,醴陵市|湘西土家族苗族自治州:吉首市,凤凰县
福建省 5|福州市:鼓楼区,福清市|厦门市:思明区,集美区|泉州市:丰泽区,晋江市,石狮市|宁德市:蕉城区,福鼎市
安徽省 5|合肥市:蜀山区,包河区,巢湖市|芜湖市:镜湖区,无为市|阜阳市:颍州区,界首市|黄山市:屯溪区,歙县
江西省 4|南昌市:东湖区,南昌县|赣州市:章贡区,瑞金市|上饶市:信州区,婺源县,玉山县
陕西省 4|西安市:雁塔区,新城区,长安区|咸阳市:秦都区,兴平市|榆林市:榆阳区,神木市
山西省 3|太原市:小店区,古交市|大同市:平城区|晋中市:榆次区,介休市,平遥县
辽宁省 4|沈阳市:和平区,新民市|大连市:甘井子区,瓦房店市|鞍山市:铁东区,海城市
吉林省 2|长春市:朝阳区,公主岭市,榆树市|延边朝鲜族自治州:延吉市,珲春市
黑龙江省 3|哈尔滨市:南岗区,五常市,尚志市|大庆市:萨尔图区|大兴安岭地区:漠河市
广西壮族自治区 3|南宁市:青秀区,横州市|桂林市:七星区,阳朔县|柳州市:城中区,三江侗族自治县
云南省 3|昆明市:五华区,安宁市|大理白族自治州:大理市|西双版纳傣族自治州:景洪市|怒江傈僳族自治州:泸水市
贵州省 3|贵阳市:南明区,清镇市|遵义市:红花岗区,仁怀市|黔东南苗族侗族自治州:凯里市,雷山县
海南省 2|海口市:龙华区,美兰区|三亚市:吉阳区|儋州市:-|-:文昌市|-:琼海市|-:陵水黎族自治县
甘肃省 2|兰州市:城关区,榆中县|天水市:秦州区|嘉峪关市:-|甘南藏族自治州:合作市
内蒙古自治区 2|呼和浩特市:赛罕区|包头市:昆都仑区|呼伦贝尔市:海拉尔区,满洲里市|阿拉善盟:额济纳旗
宁夏回族自治区 1|银川市:兴庆区,灵武市|固原市:原州区
青海省 1|西宁市:城西区|玉树藏族自治州:玉树市|海西蒙古族藏族自治州:格尔木市
新疆维吾尔自治区 2|乌鲁木齐市:天山区,水磨沟区|伊犁哈萨克自治州:伊宁市,霍尔果斯市|喀什地区:喀什市|-:石河子市|-:阿拉尔市
西藏自治区 1|拉萨市:城关区|林芝市:巴宜区|阿里地区:噶尔县
"""

_ROADS = (
    "人民路", "建设路", "解放大道", "文昌街", "中山路", "新华街", "和平路", "滨江大道", "学府路", "花园街", "长江路", "朝阳街",
    "幸福里小区", "阳光花园", "翠苑新村", "工业园区", "科技园", "商贸城", "大学城", "镇政府旁",
)  # fmt: skip
_TOWNS = ("城关镇", "新城街道", "西河街道", "南湖街道", "东关街道", "柳河乡", "石桥镇")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A receiver's region; `city` or `district` may be missing as in real addresses."""

    province: str
    city: str
    district: str


def _parse() -> tuple[list[tuple[Place, ...]], list[int]]:
    places, weights = [], []
    for line in _TABLE.split("\n"):
        if line:
            head, *cities = line.split("|")
            province, weight = head.split()
            places.append(_places(province, cities))
            weights.append(int(weight))
    return places, weights


def _places(province: str, cities: list[str]) -> tuple[Place, ...]:
    pairs = [
        (city, district)
        for city, _, names in (c.partition(":") for c in cities)
        for district in names.split(",")
    ]
    return tuple(
        Place(province=province, city=city.replace("-", ""), district=name.replace("-", ""))
        for city, name in pairs
    )


_PLACES, _WEIGHTS = _parse()


def all_places() -> list[Place]:
    """Every region of the table."""
    return [place for province in _PLACES for place in province]


def some_place(rng: random.Random) -> Place:
    """A region, busy provinces more often."""
    return rng.choice(rng.choices(_PLACES, _WEIGHTS)[0])


def masked_street(rng: random.Random) -> tuple[str, str]:
    """(town or empty, masked street) as the platform shows it."""
    town = rng.choice(_TOWNS) if rng.random() < 0.6 else ""
    tail = rng.choice(("***", "**号**栋", "*-*", "***号", "**弄**"))
    return town, f"{town if rng.random() < 0.3 else ''}{rng.choice(_ROADS)}{tail}"
