#!/usr/bin/env python3
"""Invented exports in the shape of ACLED's and of UCDP GED's, the same for the same arguments.

    make_csv.py acled|ucdp ROWS [SEED]    on standard output

Places, groups and events are made up; notes have quotes, accents and line ends. Row i has the own
id TST<i> (ACLED) or 900000 + i (UCDP).
"""
import csv
import datetime
import random
import sys

ACLED = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,"
    "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,"
    "country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,"
    "notes,fatalities,tags,timestamp"
).split(",")
UCDP = (
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,"
    "conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,"
    "side_b_dset_id,side_b_new_id,side_b,number_of_sources,source_article,source_office,"
    "source_date,source_headline,source_original,where_prec,where_coordinates,where_description,"
    "adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,"
    "date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low,"
    "gwnoa,gwnob"
).split(",")
PLACES = [("Tin-Essaï", 16.1, -0.4), ("Wabéri", 14.9, -3.2), ("Koumba-Plateau", 13.7, 1.1)]
GROUPS = ["Front of the Plain", "Union des Éleveurs", 'Men of "the Well"', "Armed Men"]
EVENTS = [
    ("Battles", "Armed clash", "2", "1"),
    ("Violence against civilians", "Attack", "3", "7"),
    ("Explosions/Remote violence", "Remote explosive/landmine/IED", "2", "1"),
    ("Riots", "Mob violence", "5", ""),
    ("Protests", "Peaceful protest", "6", ""),
    ("Strategic developments", "Looting/property destruction", "3", "7"),
]


def day(i):
    return datetime.date(2023, 1, 1) + datetime.timedelta(days=i % 365)


def acled(i, rng):
    kind, sub, one, two = rng.choice(EVENTS)
    place, lat, lon = rng.choice(PLACES)
    who, whom = rng.sample(GROUPS, 2)
    dead = rng.choice([0, 0, 1, 3, 12])
    notes = (
        f"On {day(i):%d %B %Y}, {who} were at {place}, {rng.randint(2, 40)} km from the road; "
        f'an elder said "they came at dawn", and a trader à côté saw {rng.randint(3, 90)} of them.'
        + rng.choice(["", "\nSecond line of the notes, with detail.", " Coded: size=no report."])
    )
    row = {
        "event_id_cnty": f"TST{i}", "event_date": day(i), "year": day(i).year,
        "time_precision": rng.choice("1112"), "disorder_type": "Political violence",
        "event_type": kind, "sub_event_type": sub, "actor1": who, "inter1": one,
        "actor2": whom if two else "", "inter2": two, "interaction": one + two,
        "civilian_targeting": "Civilian targeting" if two == "7" else "", "iso": 999,
        "region": "Nowhere", "country": "Testland", "admin1": "Nord", "admin2": "Wabéri",
        "location": place, "latitude": round(lat + rng.random() / 10, 4),
        "longitude": round(lon + rng.random() / 10, 4), "geo_precision": rng.choice("112"),
        "source": "Radio Essai; Le Témoin", "source_scale": "Subnational", "notes": notes,
        "fatalities": dead, "tags": "", "timestamp": 1700000000 + 60 * i,
    }
    return [row.get(name, "") for name in ACLED]


def ucdp(i, rng):
    place, lat, lon = rng.choice(PLACES)
    a, b = rng.sample(GROUPS, 2)
    kind = rng.choice([1, 1, 2, 3])
    dead = [rng.choice([0, 1, 4]) for _ in range(4)]
    row = {
        "id": 900000 + i, "relid": f"TST-{i}", "year": day(i).year, "type_of_violence": kind,
        "conflict_name": "Testland: Territory", "dyad_name": f"{a} - {b}", "side_a": a,
        "side_b": "Civilians" if kind == 3 else b, "number_of_sources": 1,
        "source_office": "Radio Essai", "source_date": day(i),
        "source_headline": f'"{dead[2]} tués" à {place}, dit un témoin', "where_prec": 1 + i % 6,
        "where_coordinates": place, "where_description": f"near {place},\neast of the road",
        "adm_1": "Nord", "adm_2": "Wabéri", "latitude": round(lat + rng.random() / 10, 6),
        "longitude": round(lon + rng.random() / 10, 6), "country": "Testland", "region": "Africa",
        "event_clarity": 1, "date_prec": 1, "date_start": f"{day(i)} 00:00:00.000",
        "date_end": f"{day(i)} 00:00:00.000", "deaths_a": dead[0], "deaths_b": dead[1],
        "deaths_civilians": dead[2], "deaths_unknown": dead[3], "best": sum(dead),
        "high": sum(dead) + 2, "low": sum(dead) // 2,
    }
    return [row.get(name, "") for name in UCDP]


def main():
    kind, rows = sys.argv[1], int(sys.argv[2])
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    names, make = {"acled": (ACLED, acled), "ucdp": (UCDP, ucdp)}[kind]
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    out = csv.writer(sys.stdout)
    out.writerow(names)
    out.writerows(make(i, rng) for i in range(rows))


if __name__ == "__main__":
    main()
