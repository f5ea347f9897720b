"""The provinces as the dashboard counts them: how Tmall's province names begin, and their English names.

Tmall writes 浙江省, 上海 or 内蒙古自治区; every spelling begins with the short name.
"""

from __future__ import annotations

PROVINCES: tuple[tuple[str, str], ...] = (
    ("广东", "Guangdong"), ("浙江", "Zhejiang"), ("江苏", "Jiangsu"), ("山东", "Shandong"), ("四川", "Sichuan"),
    ("河南", "Henan"), ("上海", "Shanghai"), ("北京", "Beijing"), ("湖北", "Hubei"), ("湖南", "Hunan"),
    ("安徽", "Anhui"), ("福建", "Fujian"), ("河北", "Hebei"), ("重庆", "Chongqing"), ("陕西", "Shaanxi"),
    ("江西", "Jiangxi"), ("辽宁", "Liaoning"), ("广西", "Guangxi"), ("云南", "Yunnan"), ("山西", "Shanxi"),
    ("天津", "Tianjin"), ("贵州", "Guizhou"), ("黑龙江", "Heilongjiang"), ("吉林", "Jilin"),
    ("内蒙古", "Inner Mongolia"), ("甘肃", "Gansu"), ("海南", "Hainan"), ("新疆", "Xinjiang"), ("宁夏", "Ningxia"),
    ("青海", "Qinghai"), ("西藏", "Tibet"), ("香港", "Hong Kong"), ("澳门", "Macau"), ("台湾", "Taiwan"),
)  # fmt: skip
