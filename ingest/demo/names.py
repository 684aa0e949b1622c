"""Names of people, in the scripts that they are written in.

A table of our own: name generators on the package index give names in a script *or* in Latin
letters, not the two forms of one name, of which the second is what e-mail addresses are made of.

A list is separated by commas. `native=Latin` gives both forms of a name; a name in Latin letters
stands alone unless its bearers spell it differently without its marks (`Müller=Mueller`). Where a
family name has a woman's and a man's form, they stand in this order: `Kowalska/Kowalski`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from gateway.folding import fold

# Letters of Latin alphabets that no decomposition takes apart.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)

SHARE_IN_LATIN_LETTERS = 0.3  # of those who could write their name in another script


@dataclass(frozen=True, slots=True)
class Name:
    """A name as its bearer writes it, and in Latin letters."""

    native: str
    latin: str

    @property
    def handle(self) -> str:
        """Return the name as part of an address: ASCII letters alone."""
        plain = fold(self.latin).translate(_PLAIN_LETTERS)
        return "".join(letter for letter in plain if "a" <= letter <= "z")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's name: as written in an application, and as parts of addresses."""

    first_name: str
    last_name: str
    handles: tuple[str, str]


@dataclass(frozen=True, slots=True)
class People:
    """The names that go together, first names with the family names of their bearers."""

    women: tuple[Name, ...]
    men: tuple[Name, ...]
    women_family: tuple[Name, ...]
    men_family: tuple[Name, ...]

    def person(self, rng: Random) -> Person:
        """Return somebody of these names."""
        first_names, family_names = rng.choice(
            ((self.women, self.women_family), (self.men, self.men_family))
        )
        first, last = rng.choice(first_names), rng.choice(family_names)
        handles = (first.handle, last.handle)
        if rng.random() < SHARE_IN_LATIN_LETTERS:
            return Person(first.latin, last.latin, handles)
        return Person(first.native, last.native, handles)


def _name(text: str) -> Name:
    native, _, latin = text.strip().partition("=")
    return Name(native, latin or native)


def _names(forms: Sequence[str]) -> tuple[Name, ...]:
    return tuple(map(_name, forms))


def _people(*, women: str, men: str, family: str) -> People:
    forms = [name.split("/") for name in family.split(",")]
    return People(
        women=_names(women.split(",")),
        men=_names(men.split(",")),
        women_family=_names([form[0] for form in forms]),
        men_family=_names([form[-1] for form in forms]),
    )


# By language (BCP 47).
PEOPLES = {
    "am": _people(
        women="ሰላም=Selam, ሄለን=Helen, ብርቱካን=Birtukan, ማርታ=Marta, ትዕግስት=Tigist, ሕይወት=Hiwot",
        men="አበበ=Abebe, ዳዊት=Dawit, ሙሉጌታ=Mulugeta, ተስፋዬ=Tesfaye, ዮሐንስ=Yohannes, ሳሙኤል=Samuel",
        family="ከበደ=Kebede, አለሙ=Alemu, ታደሰ=Tadesse, ግርማ=Girma, መኮንን=Mekonnen, ኃይሌ=Haile",
    ),
    "ar": _people(
        women=(
            "فاطمة=Fatima, عائشة=Aisha, ليلى=Layla, نور=Nour, مريم=Maryam, هدى=Huda, "
            "ياسمين=Yasmin, رانيا=Rania"
        ),
        men=(
            "محمد=Mohammed, أحمد=Ahmed, يوسف=Youssef, عمر=Omar, خالد=Khaled, طارق=Tariq, "
            "حسن=Hassan, كريم=Karim"
        ),
        family=(
            "الفارسي=Al-Farsi, المصري=Al-Masri, حداد=Haddad, الخطيب=Al-Khatib, منصور=Mansour, "
            "النجار=Al-Najjar, بن علي=Ben Ali, العامري=Al-Amiri, سليمان=Suleiman, قاسم=Qasim, "
            "الشامي=Al-Shami, درويش=Darwish"
        ),
    ),
    "bn": _people(
        women="ফারজানা=Farzana, নুসরাত=Nusrat, অনন্যা=Ananya, সুমনা=Sumana, তানিয়া=Tania",
        men="রাকিব=Rakib, অনির্বাণ=Anirban, সৌরভ=Sourav, তানভীর=Tanvir, শুভ=Shubho",
        family=(
            "রহমান=Rahman, চট্টোপাধ্যায়=Chattopadhyay, ইসলাম=Islam, সেন=Sen, দাস=Das, "
            "হোসেন=Hossain, বন্দ্যোপাধ্যায়=Bandyopadhyay"
        ),
    ),
    "cs": _people(
        women="Tereza, Kateřina, Zuzana, Markéta, Šárka, Žaneta, Lenka, Eliška",
        men="Jiří, Ondřej, Tomáš, Lukáš, Vojtěch, Zdeněk, Matěj, Štěpán",
        family=(
            "Nováková/Novák, Dvořáková/Dvořák, Černá/Černý, Procházková/Procházka, "
            "Kučerová/Kučera, Veselá/Veselý, Němcová/Němec, Růžičková/Růžička, Říhová/Říha, "
            "Šťastná/Šťastný"
        ),
    ),
    "da": _people(
        women="Bodil, Kirsten, Maren, Åse, Signe, Mette, Sørine, Freja",
        men="Søren, Jørgen, Bjørn, Mikkel, Rasmus, Kåre, Håkon, Asbjørn",
        family=(
            "Sørensen, Jørgensen, Nygård, Østergaard, Kjær, Ødegård, Bøe, Møller, Skjærvø, Dahl"
        ),
    ),
    "de": _people(
        women=(
            "Käthe=Kaethe, Jördis=Joerdis, Anneliese, Franziska, Bärbel=Baerbel, Lena, Heike, "
            "Sabine"
        ),
        men=(
            "Jürgen=Juergen, Björn=Bjoern, Matthias, Lukas, Sören=Soeren, Götz=Goetz, Felix, Jannik"
        ),
        family=(
            "Müller=Mueller, Schröder=Schroeder, Weiß=Weiss, Groß=Gross, Jäger=Jaeger, "
            "Köhler=Koehler, von der Heide, Krüger=Krueger, Bäcker=Baecker, Vogel, Lindemann, "
            "Straßer=Strasser, Meyer-Lüders=Meyer-Lueders"
        ),
    ),
    "el": _people(
        women=(
            "Μαρία=Maria, Ελένη=Eleni, Κατερίνα=Katerina, Σοφία=Sofia, Ιωάννα=Ioanna, "
            "Δήμητρα=Dimitra, Αγγελική=Angeliki"
        ),
        men=(
            "Γιώργος=Giorgos, Νίκος=Nikos, Δημήτρης=Dimitris, Χρήστος=Christos, Ανδρέας=Andreas, "
            "Θανάσης=Thanasis, Σπύρος=Spyros"
        ),
        family=(
            "Παπαδοπούλου=Papadopoulou/Παπαδόπουλος=Papadopoulos, Γεωργίου=Georgiou, "
            "Νικολαΐδου=Nikolaidou/Νικολαΐδης=Nikolaidis, Οικονόμου=Oikonomou, "
            "Αντωνίου=Antoniou, Καραγιάννη=Karagianni/Καραγιάννης=Karagiannis, "
            "Βασιλείου=Vasileiou, Αλεξίου=Alexiou, Μακρή=Makri/Μακρής=Makris"
        ),
    ),
    "en": _people(
        women="Emily, Grace, Hannah, Olivia, Charlotte, Amelia, Zoë, Chloe, Abigail, Megan",
        men="James, Oliver, Daniel, Thomas, Henry, Samuel, Ethan, Liam, Marcus, Tyler",
        family=(
            "Smith, Johnson, Taylor, Brown, Walker, O'Brien, Clarke, Hughes, Bennett, MacDonald, "
            "Fletcher, Hayes, Whitfield, Carter, Reed, Barnes-Lloyd, Jones, Patterson"
        ),
    ),
    "es": _people(
        women=(
            "María José, Lucía, Sofía, Inés, Ángela, Begoña, Pilar, Ximena, Guadalupe, Rocío, Belén"
        ),
        men="José, Javier, Andrés, Sebastián, Álvaro, Joaquín, Íñigo, Héctor, Raúl, Tomás",
        family=(
            "García, Núñez, Muñoz, Hernández, Ibáñez, Peña, Gómez, Rodríguez Paz, Martínez, "
            "de la Cruz, López, Zúñiga, Vázquez, Ordóñez, Castañeda"
        ),
    ),
    "fa": _people(
        women="پریسا=Parisa, شیرین=Shirin, نازنین=Nazanin, لیلا=Leila, الهام=Elham, زهرا=Zahra",
        men="آرش=Arash, کیوان=Keyvan, بهرام=Bahram, مهدی=Mehdi, پیمان=Peyman, سعید=Saeed",
        family=(
            "احمدی=Ahmadi, رضایی=Rezaei, حسینی=Hosseini, کریمی=Karimi, موسوی=Mousavi, "
            "جعفری=Jafari, پاکزاد=Pakzad, گلستانی=Golestani"
        ),
    ),
    "fr": _people(
        women="Amélie, Chloé, Élodie, Maëlle, Agnès, Noémie, Françoise, Inès, Héloïse, Océane",
        men="François, Jérôme, Étienne, Loïc, Gaël, Rémi, Benoît, Jean-Noël, Théo, Cédric",
        family=(
            "Lefèvre, Dubois, Moreau, Béranger, D'Amboise, Le Goff, Châtelain, Prévost, "
            "Gauthier, Desmoulins, Bézard, Vallée, N'Diaye, Traoré"
        ),
    ),
    "ga": _people(
        women="Siobhán, Niamh, Caoimhe, Aoife, Gráinne, Sinéad, Róisín",
        men="Seán, Oisín, Pádraig, Ciarán, Tadhg, Cormac, Eoghan",
        family=(
            "Ní Bhriain/Ó Briain, Ní Dhomhnaill/Ó Domhnaill, Ní Chonaill/Ó Conaill, "
            "Ní Mhurchú/Ó Murchú, Ní Cheallaigh/Ó Ceallaigh, Ní Shúilleabháin/Ó Súilleabháin, "
            "Ní Néill/Ó Néill, Nic Gearailt/Mac Gearailt, Ní Ríordáin/Ó Ríordáin, de Búrca, "
            "Nic Cárthaigh/Mac Cárthaigh, Breathnach"
        ),
    ),
    "he": _people(
        women="נועה=Noa, תמר=Tamar, יעל=Yael, שירה=Shira, מיכל=Michal, רות=Ruth, אביגיל=Avigail",
        men="דוד=David, יוסף=Yosef, אורי=Uri, איתן=Eitan, יונתן=Yonatan, אליעזר=Eliezer, גיא=Guy",
        family=(
            "כהן=Cohen, לוי=Levi, מזרחי=Mizrahi, פרידמן=Friedman, בן דוד=Ben David, "
            "שפירא=Shapira, אבוטבול=Abutbul, גולן=Golan, רוזנברג=Rosenberg, ברק=Barak"
        ),
    ),
    "hi": _people(
        women=(
            "प्रिया=Priya, अंजलि=Anjali, दीपिका=Deepika, सुनीता=Sunita, कविता=Kavita, मीरा=Meera, "
            "नेहा=Neha, श्रेया=Shreya"
        ),
        men=(
            "राहुल=Rahul, अमित=Amit, विक्रम=Vikram, सुरेश=Suresh, अर्जुन=Arjun, रोहित=Rohit, "
            "संजय=Sanjay, मनोज=Manoj"
        ),
        family=(
            "शर्मा=Sharma, वर्मा=Verma, गुप्ता=Gupta, सिंह=Singh, मिश्रा=Mishra, जोशी=Joshi, "
            "पाण्डेय=Pandey, यादव=Yadav, चौधरी=Chaudhary, अग्रवाल=Agarwal, त्रिपाठी=Tripathi, "
            "मल्होत्रा=Malhotra"
        ),
    ),
    "hr": _people(
        women="Željka, Đurđica, Ivana, Snježana, Vesna, Lucija",
        men="Đuro, Željko, Šime, Krešimir, Dražen, Luka",
        family="Kovačević, Đurić, Šimić, Božić, Marković, Horvat, Vuković, Perišić, Župan",
    ),
    "hu": _people(
        women="Zsófia, Eszter, Réka, Boglárka, Ágnes, Ildikó, Fruzsina, Katalin",
        men="László, Gergő, Zoltán, Bálint, Ádám, Győző, Péter, Attila",
        family="Nagy, Kovács, Szabó, Tóth, Horváth, Kőszegi, Győri, Székely, Bíró, Vörös",
    ),
    "hy": _people(
        women="Անի=Ani, Մարիամ=Mariam, Նարե=Nare, Լուսինե=Lusine, Գայանե=Gayane",
        men="Արամ=Aram, Տիգրան=Tigran, Հայկ=Hayk, Գևորգ=Gevorg, Վահան=Vahan",
        family=(
            "Հակոբյան=Hakobyan, Սարգսյան=Sargsyan, Պետրոսյան=Petrosyan, Գրիգորյան=Grigoryan, "
            "Խաչատրյան=Khachatryan, Մկրտչյան=Mkrtchyan"
        ),
    ),
    "ig": _people(
        women="Ngọzị, Adaeze, Chiọma, Ifeọma, Nkechi, Amarachi",
        men="Chukwuemeka, Obinna, Ikechukwu, Nnamdi, Kelechi, Uchenna",
        family="Okafor, Nwachukwu, Eze, Onyekachi, Nwosu, Ọkọnkwọ, Ụzọdịnma, Mbah",
    ),
    "is": _people(
        women="Guðrún, Þórunn, Ásdís, Sigríður, Hildur, Ragnheiður, Björk, Æsa",
        men="Jón, Sigurður, Þór, Ólafur, Björn, Ægir, Guðmundur, Einar",
        family=(
            "Jónsdóttir/Jónsson, Sigurðardóttir/Sigurðsson, Ólafsdóttir/Ólafsson, "
            "Guðmundsdóttir/Guðmundsson, Þórsdóttir/Þórsson, Einarsdóttir/Einarsson, "
            "Björnsdóttir/Björnsson, Ragnarsdóttir/Ragnarsson, Magnúsdóttir/Magnússon, "
            "Halldórsdóttir/Halldórsson, Stefánsdóttir/Stefánsson, Kristjánsdóttir/Kristjánsson"
        ),
    ),
    "it": _people(
        women="Chiara, Giulia, Federica, Martina, Noemi, Alessia, Maria Sole",
        men="Niccolò, Matteo, Lorenzo, Davide, Gianluca, Nicolò, Simone",
        family=(
            "Rossi, D'Angelo, Esposito, De Luca, Ferrari, Bianchi, Dell'Acqua, Cantù, Lo Presti"
        ),
    ),
    "ja": _people(
        women=(
            "さくら=Sakura, 美咲=Misaki, 陽子=Yoko, ひかり=Hikari, 結衣=Yui, 恵=Megumi, "
            "あゆみ=Ayumi, エリカ=Erika, ユカ=Yuka, マリ=Mari"
        ),
        men=(
            "健太=Kenta, 翔=Sho, 大輔=Daisuke, 拓也=Takuya, 誠=Makoto, 悠斗=Yuto, 直樹=Naoki, "
            "ケンジ=Kenji, ユウキ=Yuki, つよし=Tsuyoshi"
        ),
        family=(
            "佐藤=Sato, 鈴木=Suzuki, 高橋=Takahashi, 田中=Tanaka, 渡辺=Watanabe, 伊藤=Ito, "
            "山本=Yamamoto, 中村=Nakamura, 小林=Kobayashi, 斎藤=Saito, 髙田=Takada, 𠮷野=Yoshino"
        ),
    ),
    "ka": _people(
        women="ნინო=Nino, თამარ=Tamar, მარიამ=Mariam, ანა=Ana, ქეთევან=Ketevan",
        men="გიორგი=Giorgi, ლევან=Levan, დავით=Davit, ნიკა=Nika, ზურაბ=Zurab",
        family=(
            "ბერიძე=Beridze, კაპანაძე=Kapanadze, გელაშვილი=Gelashvili, ლომიძე=Lomidze, "
            "ნოზაძე=Nozadze, ხუციშვილი=Khutsishvili, წიკლაური=Tsiklauri"
        ),
    ),
    "ko": _people(
        women=(
            "서연=Seo-yeon, 지우=Ji-woo, 민지=Min-ji, 하은=Ha-eun, 수빈=Su-bin, 유진=Yu-jin, "
            "은영=Eun-young"
        ),
        men=(
            "민준=Min-jun, 서준=Seo-jun, 도윤=Do-yun, 지훈=Ji-hoon, 현우=Hyun-woo, 성민=Sung-min, "
            "재현=Jae-hyun"
        ),
        family=(
            "김=Kim, 이=Lee, 박=Park, 최=Choi, 정=Jung, 강=Kang, 조=Cho, 윤=Yoon, 임=Lim, 한=Han, "
            "남궁=Namgung, 오=Oh"
        ),
    ),
    "nl": _people(
        women="Sanne, Anouk, Femke, Marijke, Loes, Floor, Mariëlle",
        men="Daan, Sjoerd, Joost, Thijs, Ruben, Jeroen, Daniël",
        family="de Vries, van den Berg, Jansen, 't Hart, van Dijk, Bakker, de Boer, Kuipers",
    ),
    "pl": _people(
        women="Agnieszka, Małgorzata, Zofia, Bożena, Elżbieta, Joanna, Żaneta, Wiesława",
        men="Łukasz, Paweł, Michał, Stanisław, Wojciech, Grzegorz, Błażej, Sławomir",
        family=(
            "Kowalska/Kowalski, Wiśniewska/Wiśniewski, Wójcik, Kamińska/Kamiński, "
            "Dąbrowska/Dąbrowski, Kozłowska/Kozłowski, Zając, Łęcka/Łęcki, Woźniak, "
            "Szczepańska/Szczepański, Gołąb"
        ),
    ),
    "pt": _people(
        women="Conceição, Beatriz, Letícia, Mariana, Inês, Fernanda, Júlia, Antônia, Luísa",
        men="João, Thiago, Antônio, Luís, Gonçalo, Rafael, Vinícius, Caio, Estêvão",
        family=(
            "Silva, Gonçalves, Araújo, Magalhães, Simões, dos Santos, Brandão, Nóbrega, "
            "Assunção, Ribeiro, Falcão, Guimarães"
        ),
    ),
    "ro": _people(
        women="Ștefania, Ioana, Mădălina, Anca, Cătălina, Ruxandra",
        men="Ștefan, Răzvan, Mihai, Cătălin, Andrei, Ionuț",
        family="Popescu, Țurcanu, Mureșan, Bălan, Ciobanu, Dumitrașcu, Rotaru, Nicolăescu",
    ),
    "ru": _people(
        women=(
            "Анна=Anna, Екатерина=Ekaterina, Ольга=Olga, Наталья=Natalya, Юлия=Yulia, "
            "Ксения=Ksenia, Татьяна=Tatyana, Дарья=Darya"
        ),
        men=(
            "Иван=Ivan, Дмитрий=Dmitry, Алексей=Alexey, Сергей=Sergey, Фёдор=Fyodor, "
            "Михаил=Mikhail, Артём=Artyom, Андрей=Andrey"
        ),
        family=(
            "Иванова=Ivanova/Иванов=Ivanov, Смирнова=Smirnova/Смирнов=Smirnov, "
            "Кузнецова=Kuznetsova/Кузнецов=Kuznetsov, Соловьёва=Solovyova/Соловьёв=Solovyov, "
            "Щербакова=Shcherbakova/Щербаков=Shcherbakov, Жукова=Zhukova/Жуков=Zhukov, "
            "Королёва=Korolyova/Королёв=Korolyov, Озерская=Ozerskaya/Озерский=Ozersky, "
            "Цветкова=Tsvetkova/Цветков=Tsvetkov, Белых=Belykh"
        ),
    ),
    "sv": _people(
        women="Åsa, Linnéa, Märta, Frida, Elsa, Maj-Britt, Ebba, Annika",
        men="Åke, Göran, Björn, Nils, Örjan, Mårten, Pär, Gustav",
        family=(
            "Söderström, Lindqvist, Öberg, Ståhl, Åkesson, Sjögren, Bergström, Håkansson, Nyström"
        ),
    ),
    "sw": _people(
        women="Amina, Zawadi, Wanjirũ, Neema, Achieng, Rehema",
        men="Juma, Baraka, Kamau, Otieno, Jabali, Kiprono",
        family=(
            "Mwangi, Odhiambo, Kĩmani, Njoroge, Onyango, Hassan, Mũtua, Kiprop, Ng'ang'a, Mushi"
        ),
    ),
    "ta": _people(
        women="லட்சுமி=Lakshmi, கவிதா=Kavitha, மீனாட்சி=Meenakshi, பிரியா=Priya, வள்ளி=Valli",
        men="கார்த்திக்=Karthik, முருகன்=Murugan, அருண்=Arun, செந்தில்=Senthil, பிரகாஷ்=Prakash",
        family=(
            "சுப்பிரமணியன்=Subramanian, ராமசாமி=Ramasamy, கிருஷ்ணன்=Krishnan, "
            "நடராஜன்=Natarajan, செல்வராஜ்=Selvaraj, வேலு=Velu"
        ),
    ),
    "th": _people(
        women=(
            "สุดา=Suda, กมลชนก=Kamonchanok, พิมพ์ชนก=Pimchanok, วรรณา=Wanna, นภา=Napa, อรทัย=Orathai"
        ),
        men=("สมชาย=Somchai, ณัฐพล=Nattapon, วีระ=Wira, ธนากร=Thanakorn, กิตติ=Kitti, อนันต์=Anan"),
        family=(
            "ศรีสุข=Srisuk, วงศ์ทอง=Wongthong, ทองดี=Thongdee, แสงจันทร์=Saengchan, บุญมี=Boonmee, "
            "รัตนพงศ์=Rattanapong, สุวรรณ=Suwan, จันทร์เพ็ญ=Chanpen"
        ),
    ),
    "tr": _people(
        women="Ayşe, Gülşah, Zeynep, Özlem, Çiğdem, Işıl, Elif, Tuğba, Şeyma",
        men="Emre, Oğuz, Çağrı, İbrahim, Ümit, Barış, Kaan, Yiğit, Şükrü",
        family=(
            "Yılmaz, Öztürk, Çelik, Şahin, Aydın, Doğan, Işık, Koç, Güneş, Yıldırım, Kılıç, "
            "Karadeniz"
        ),
    ),
    "uk": _people(
        women=(
            "Оксана=Oksana, Ірина=Iryna, Соломія=Solomiia, Ганна=Hanna, Юлія=Yuliia, Надія=Nadiia"
        ),
        men=(
            "Андрій=Andrii, Олексій=Oleksii, Тарас=Taras, Микола=Mykola, Євген=Yevhen, "
            "Сергій=Serhii"
        ),
        family=(
            "Шевченко=Shevchenko, Коваленко=Kovalenko, Бондаренко=Bondarenko, Ткачук=Tkachuk, "
            "Мельник=Melnyk, Лисенко=Lysenko, Гриценко=Hrytsenko, В'юненко=Viunenko, "
            "Левицька=Levytska/Левицький=Levytskyi"
        ),
    ),
    "vi": _people(
        women=(
            "Thị Hương, Thùy Linh, Ngọc Ánh, Phương Thảo, Mai Anh, Bích Ngọc, Thu Hà, Diễm Quỳnh"
        ),
        men=("Văn Đức, Minh Tuấn, Quốc Bảo, Hữu Phước, Đình Trọng, Thanh Sơn, Anh Dũng, Quang Huy"),
        family="Nguyễn, Trần, Lê, Phạm, Huỳnh, Hoàng, Phan, Vũ, Đặng, Bùi, Đỗ, Ngô",
    ),
    "yo": _people(
        women="Fọláṣadé, Yétúndé, Bùkọ́lá, Adéṣẹwà, Títílayọ̀, Ọmọ́tọ́lá, Mojísọ́lá",
        men="Olúwaṣeun, Adébáyọ̀, Táíwò, Kẹ́hìndé, Ayọ̀délé, Bábátúndé, Fẹ́mi",
        family="Adéyẹmí, Ọláníyì, Ògúnlẹ́yẹ, Akínwándé, Afọláyan, Ọládípọ̀, Fálọlá",
    ),
    "zh": _people(
        women="芳=Fang, 秀英=Xiuying, 静=Jing, 雪梅=Xuemei, 晓燕=Xiaoyan, 雨桐=Yutong, 思琪=Siqi",
        men="伟=Wei, 强=Qiang, 磊=Lei, 建国=Jianguo, 子轩=Zixuan, 浩然=Haoran, 俊杰=Junjie",
        family=(
            "王=Wang, 李=Li, 张=Zhang, 刘=Liu, 陈=Chen, 杨=Yang, 赵=Zhao, 黄=Huang, 周=Zhou, "
            "吴=Wu, 欧阳=Ouyang, 吕=Lyu"
        ),
    ),
    "zh-Hant": _people(
        women="雅婷=Ya-ting, 怡君=Yi-chun, 淑芬=Shu-fen, 佳穎=Chia-ying, 欣怡=Hsin-yi",
        men="志豪=Chih-hao, 家豪=Chia-hao, 冠宇=Kuan-yu, 俊傑=Chun-chieh, 承翰=Cheng-han",
        family="陳=Chen, 林=Lin, 黃=Huang, 張=Chang, 蔡=Tsai, 謝=Hsieh, 許=Hsu, 劉=Liu",
    ),
}
